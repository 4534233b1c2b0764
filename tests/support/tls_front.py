"""TLS in front of a plain-HTTP API server of a test: knows clients by certificate or bearer token, as Kubernetes does.

Usage: tls_front.py PORT UPSTREAM_PORT SERVER_CERT SERVER_KEY CA TOKEN...
Whoever is known is passed on with the token "cluster" and
the header X-Remote-User; everybody else gets 401.
"""
import http.client
import http.server
import json
import socketserver
import ssl
import sys

port, upstream, certificate, key, authority = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:6]
tokens = set(sys.argv[6:])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def user(self):
        peer = self.connection.getpeercert()
        if peer:
            return "certificate " + dict(entry[0] for entry in peer["subject"])["commonName"]
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        return "token " + token if scheme == "Bearer" and token in tokens else None

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def go(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        user = self.user()
        if user is None:
            status = {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "reason": "Unauthorized",
                "code": 401,
                "message": "Unauthorized",
            }
            return self.answer(401, "application/json", json.dumps(status).encode())
        connection = http.client.HTTPConnection("127.0.0.1", upstream, timeout=30)
        connection.request(
            self.command,
            self.path,
            body,
            {
                "Authorization": "Bearer cluster",
                "X-Remote-User": user,
                "Content-Type": self.headers.get("content-type") or "",
                "Connection": "close",
            },
        )
        got = connection.getresponse()
        self.answer(got.status, got.getheader("content-type") or "application/json", got.read())

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = go

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(authority)
context.verify_mode = ssl.CERT_OPTIONAL
server = Server(("127.0.0.1", port), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
