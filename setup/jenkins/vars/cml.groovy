// A step of a shared library: fetches a version of cml once per workspace, beside it; runs it with the forge's token.
//
//   cml 'comment update --target=pr report.md'
//   cml 'comment update report.md', credentials: 'repo-token', version: '1.2.3', home: 'https://HOST/OWNER/cml'
//
// credentials: ID of a "secret text"; home: else the environment's CML_HOME. The forge and the pull request are those
// of the branch source. "Library path" of the library's configuration is setup/jenkins.
def call(Map options = [:], String arguments) {
  String home = options.home ?: env.CML_HOME
  if (!home) {
    error 'cml: where its releases are is not known; give home, or set CML_HOME to https://HOST/OWNER/cml'
  }
  String latest = home.endsWith('/-') ? 'permalink/latest/downloads' : 'latest/download'
  withEnv(["CML_HOME=${home}", "CML_VERSION=${options.version ?: 'latest'}",
           "CML_INSTALL=${home}/releases/${latest}/install.sh"]) {
    sh label: 'Set up cml', script: '''
      if [ ! -x "$WORKSPACE_TMP/cml-$CML_VERSION/cml" ]; then
        mkdir -p "$WORKSPACE_TMP"
        curl -fsSL -o "$WORKSPACE_TMP/install-cml.sh" "$CML_INSTALL"
        sh "$WORKSPACE_TMP/install-cml.sh" --version "$CML_VERSION" --dir "$WORKSPACE_TMP/cml-$CML_VERSION"
      fi
    '''
    withCredentials([string(credentialsId: options.credentials ?: 'repo-token', variable: 'REPO_TOKEN')]) {
      sh label: "cml ${arguments}", script: '"$WORKSPACE_TMP/cml-$CML_VERSION/cml" ' + arguments
    }
  }
}
