// Reads every pipeline that the project holds (its own, templates, set-ups, the blocks of README and docs, and what
// `cml init` writes), validates it against the schema of whoever reads it, and has shellcheck read the shell inside.
// Usage: node tools/dev/pipelines/check.mjs PROJECT MODULES [CML]   MODULES: a folder made by install_node_tools.sh
// Exit code 77: no such folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { blocksOf } from './blocks.mjs';
import { shellOf } from './shell.mjs';
import { validators } from './validators.mjs';

const [project, modules, cml] = process.argv.slice(2).map((path) => resolve(path));
if (!existsSync(join(modules, 'node_modules'))) {
  console.log(`skipped: ${modules} holds no packages; tools/test installs them where npm is`);
  process.exit(77);
}
const { parseDocuments, validate } = await validators(project, modules);
const hasShellcheck = !spawnSync('shellcheck', ['--version']).error;
if (!hasShellcheck) console.log('skipped: shellcheck is absent, so the shell inside is not read');

// Which reader a file has. The first row that fits counts.
const KINDS = [
  [/^action\.yml$/, 'action'],
  [/^(\.github\/workflows|templates\/ci\/github|fixtures\/pipelines\/(?!gitlab))/, 'workflow'],
  [/^templates\/ci\/gitea/, 'gitea'],
  [/^templates\/cml\//, 'component'],
  [/^(\.gitlab-ci\.yml|templates\/ci\/gitlab|setup\/gitlab|fixtures\/pipelines\/gitlab)/, 'gitlab'],
  [/^setup\/bitbucket\/pipe\.yml$/, 'pipe'],
  [/^setup\/bitbucket\/bitbucket-pipelines/, 'bitbucket'],
  [/^setup\/tekton\//, 'tekton'],
  [/^setup\/argo\//, 'argo'],
  [/^templates\/init\//, null], // Templates of what `cml init` writes, which is read below.
];

const found = []; // {where, kind, text}
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: project,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name && existsSync(join(project, name)));
for (const name of files) {
  const row = KINDS.find(([pattern]) => pattern.test(name));
  if (/\.ya?ml$/.test(name) && row?.[1])
    found.push({ where: name, kind: row[1], text: readFileSync(join(project, name), 'utf8') });
  if (/^(README\.md|docs\/.*\.md)$/.test(name))
    found.push(...blocksOf(name, readFileSync(join(project, name), 'utf8'), parseDocuments));
}
if (cml) found.push(...written(cml));

let faults = 0;
const fault = (where, text) => {
  faults += 1;
  console.log(`${where}: ${text}`);
};
let shells = 0;
for (const { where, kind, text } of found) {
  try {
    for (const message of await validate(kind, text, where)) fault(where, message);
    for (const script of kind === 'unreadable' ? [] : shellOf(kind, parseDocuments(text))) check(where, script);
  } catch (error) {
    fault(where, error.message);
  }
}
for (const name of files) {
  const text =
    /^(fixtures|docs|src)\//.test(name) || /\.[a-z]{2,}$/.test(name.replace(/\.sh$/, ''))
      ? ''
      : readFileSync(join(project, name), 'utf8');
  const line = /^#!.*\b(ba)?sh\b/.exec(text.slice(0, 60));
  if (line) check(name, { dialect: line[1] ? 'bash' : 'sh', text });
  if (/(^|\/)Dockerfile/.test(name)) {
    const whole = readFileSync(join(project, name), 'utf8');
    for (const message of await validate('dockerfile', whole, name)) fault(name, message);
    for (const script of shellOf('dockerfile', whole)) check(name, script);
  }
}
// A reader that likes everything would not be missed otherwise.
const SPOILED = {
  action: 'using',
  workflow: 'runs-on',
  gitlab: 'script',
  component: 'default',
  bitbucket: 'script',
  pipe: 'image',
  tekton: 'image',
  argo: 'key',
};
const kinds = {};
for (const { kind } of found) kinds[kind] = (kinds[kind] ?? 0) + 1;
for (const [kind, key] of Object.entries(SPOILED)) {
  const line = new RegExp(`^( *(- )?)${key}:`, 'm');
  const file = found.find((one) => one.kind === kind && line.test(one.text));
  if (!file) fault(kind, 'there is no such file');
  else if (!(await validate(kind, file.text.replace(line, `$1no-${key}:`), file.where)).length)
    fault(kind, `a file with "no-${key}" is taken for a good one`);
}
console.log(
  `${Object.entries(kinds)
    .sort()
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')}; ${shells} scripts; ${faults} faults`,
);
process.exit(faults ? 1 : 0);

// What cml init writes for each forge, in a repository with all that it looks for and in an empty one.
function* written(binary) {
  for (const full of [true, false])
    for (const [forge, kind, file] of [
      ['github', 'workflow', '.github/workflows/cml.yml'],
      ['gitea', 'gitea', '.gitea/workflows/cml.yml'],
      ['gitlab', 'gitlab', '.gitlab-ci.yml'],
      ['bitbucket', 'bitbucket', 'bitbucket-pipelines.yml'],
    ]) {
      const folder = mkdtempSync(join(tmpdir(), 'cml-init-'));
      try {
        if (full) {
          for (const [name, text] of [
            ['dvc.yaml', 'stages: {}\n'],
            ['requirements.txt', 'dvc\n'],
            ['metrics.json', '{"a": 1}'],
          ])
            writeFileSync(join(folder, name), text);
        }
        execFileSync(binary, ['init', `--forge=${forge}`], {
          cwd: folder,
          stdio: 'pipe',
          env: { PATH: process.env.PATH, HOME: folder },
        });
        yield {
          where: `cml init --forge=${forge}${full ? '' : ', an empty folder'}`,
          kind,
          text: readFileSync(join(folder, file), 'utf8'),
        };
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
}

function check(where, { dialect, text }) {
  shells += 1;
  if (!hasShellcheck) return;
  // Variables of the CI's are assigned nowhere, and exports in one step may be read in another.
  const run = spawnSync('shellcheck', [`--shell=${dialect}`, '--exclude=SC2154,SC1091,SC2129', '--format=gcc', '-'], {
    input: text,
    encoding: 'utf8',
  });
  for (const line of run.stdout.split('\n').filter(Boolean)) fault(where, `${line.replace(/^-:/, 'shell line ')}`);
}
