// The shell inside of pipelines: [{dialect, text}]. What the CI fills in before a shell sees it becomes a word.
const word = (text) =>
  text
    .replace(/\$\{\{.*?\}\}/gs, 'filled')
    .replace(/\$\[\[.*?\]\]/gs, 'filled')
    .replace(/\$\((params|workspaces)[^)]*\)/g, 'filled');
const lines = (script) =>
  (Array.isArray(script) ? script.flat(9) : [script]).filter((line) => typeof line === 'string').join('\n');

function* ofSteps(steps, dialect) {
  for (const { run, shell } of steps ?? [])
    if (run) yield { dialect: shell === 'bash' || !dialect ? 'bash' : dialect, text: word(run) };
}

const READERS = {
  *workflow([file]) {
    for (const job of Object.values(file.jobs)) yield* ofSteps(job.steps, job.container ? 'sh' : 'bash');
  },
  *gitea(documents) {
    yield* READERS.workflow(documents);
  },
  *action([file]) {
    yield* ofSteps(file.runs.steps, 'bash');
  },
  *gitlab([file]) {
    for (const job of Object.values(file))
      for (const part of ['before_script', 'script', 'after_script'])
        if (job?.[part]) yield { dialect: 'sh', text: word(lines(job[part])) };
  },
  *component(documents) {
    yield* READERS.gitlab(documents.slice(1));
  },
  *bitbucket(documents) {
    const steps = [];
    JSON.stringify(documents, (key, value) => {
      if (key === 'step') steps.push(value);
      return value;
    });
    for (const step of steps) yield { dialect: 'sh', text: lines(step.script) };
  },
  *tekton(documents) {
    for (const { spec } of documents)
      for (const { script } of spec.steps ?? [])
        if (script) yield { dialect: /^#!.*bash/.test(script) ? 'bash' : 'sh', text: word(script) };
  },
  *dockerfile(text) {
    for (const [, run] of text.replace(/^ *#.*\n/gm, '').matchAll(/^RUN ((?:.*\\\n)*.*)/gm))
      yield { dialect: 'sh', text: run };
  },
};

export const shellOf = (kind, documents) => (READERS[kind] ? [...READERS[kind](documents)] : []);
