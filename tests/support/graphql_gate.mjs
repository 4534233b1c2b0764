// Stands before the gate of a forge's OpenAPI description and checks what that leaves out: GraphQL documents, variables
// and answers against GitHub's own schema. What is no GraphQL goes on to the other gate.
// Usage: node graphql_gate.mjs PORT FAKE_URL OTHER_GATE_URL LOG   with CONTRACT_MODULES: a file beside node_modules.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {createRequire} from 'node:module';

const require = createRequire(process.env.CONTRACT_MODULES);
const {buildSchema, execute, parse, validate, GraphQLError} = require('graphql');
const [, , port, fake, other, log] = process.argv;
const folder = path.join(path.dirname(process.env.CONTRACT_MODULES), 'node_modules');
const schema = buildSchema(
    fs.readFileSync(path.join(folder, '@octokit/graphql-schema/schema.graphql'), 'utf8'), {assumeValidSDL: true});

// Unions and interfaces by what our documents select of them.
const typeOf = (value, context, info) => {
  const selected = info.fieldNodes.flatMap(node => node.selectionSet.selections)
                       .flatMap(one => one.typeCondition ? [one.typeCondition.name.value] : []);
  return selected[0] ?? (info.fieldName === 'author' ? 'User' : 'IssueComment');
};

// What is wrong with the answer: fields that are missing or of another type, and such as nobody asked for.
async function faults(document, variables, answer) {
  if (answer.data == null) return [];
  const fieldResolver = (source, args, context, info) => source[info.path.key];
  const result = await execute({schema, document, variableValues: variables, rootValue: answer.data, fieldResolver,
                                typeResolver: typeOf});
  const messages = (result.errors ?? []).map(error => error.message);
  const refused = new Set((answer.errors ?? []).map(error => JSON.stringify(error.path ?? [])));
  if (refused.size > 0) return [];  // Null where an error stands.
  if (messages.length === 0 && JSON.stringify(sorted(result.data)) !== JSON.stringify(sorted(answer.data)))
    messages.push('the answer holds what was not asked for');
  return messages;
}
const sorted = value => Array.isArray(value) ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]))
    : value;

function send(url, request, body, done) {
  const onward = http.request(new URL(request.url, url), {method: request.method, headers: request.headers}, answer => {
    const chunks = [];
    answer.on('data', chunk => chunks.push(chunk));
    answer.on('end', () => done(answer, Buffer.concat(chunks)));
    answer.on('error', () => done(null));
  });
  onward.on('error', () => done(null));
  onward.end(body);
}

http.createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks), graphql = request.method === 'POST' && request.url.endsWith('/graphql');
    const violated = errors =>
      fs.appendFileSync(log, JSON.stringify({contract: 'graphql', url: request.url, errors}) + '\n');
    let document, sent;
    if (graphql) {
      try {
        sent = JSON.parse(body);
        document = parse(sent.query);
        const errors = validate(schema, document);
        if (errors.length > 0) throw new GraphQLError(errors.map(error => error.message).join('; '));
      } catch (error) {
        violated([error.message]);
      }
    }
    send(graphql ? fake : other, request, body, async (answer, text) => {
      if (!answer) return response.destroy();
      if (document && answer.statusCode === 200) {
        try {
          const errors = await faults(document, sent.variables, JSON.parse(text));
          if (errors.length > 0) violated(errors);
        } catch (error) {
          violated([error.message]);
        }
      }
      response.writeHead(answer.statusCode, answer.headers);
      response.end(text);
    });
  });
}).listen(Number(port), '127.0.0.1');
