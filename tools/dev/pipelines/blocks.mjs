// YAML blocks of Markdown pages: fenced ones, and indented ones that begin as a pipeline does. What is part of a file
// becomes a whole one, so that a schema can read it.
const BEGINS = /^(- (uses|run|step|pipe):|(on|jobs|permissions|steps|include|pipelines|image):( |$))/;

function* pieces(page) {
  const lines = page.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const fence = /^( *)```ya?ml$/.exec(lines[i]);
    if (fence) {
      const block = [];
      const at = i + 1;
      for (i += 1; i < lines.length && lines[i].trim() !== '```'; i += 1) block.push(lines[i].slice(fence[1].length));
      yield { at, text: `${block.join('\n')}\n` };
    } else if (lines[i].startsWith('    ') && (i === 0 || lines[i - 1] === '')) {
      const block = [];
      const at = i + 1;
      for (; i < lines.length && (lines[i].startsWith('    ') || lines[i] === ''); i += 1)
        block.push(lines[i].slice(4));
      if (BEGINS.test(block[0])) yield { at, text: `${block.join('\n').trimEnd()}\n` };
    }
  }
}

const indented = (text, depth) => text.replace(/^(?=.)/gm, ' '.repeat(depth));

// A whole file of a part, and who reads it.
function whole(text, parseDocuments) {
  const value = parseDocuments(text)[0];
  const job = (steps) => `on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
  if (Array.isArray(value)) {
    if (value.some((item) => item.uses || item.run)) return ['workflow', job(indented(text, 6))];
    if (value.some((item) => item.step)) return ['bitbucket', `pipelines:\n  default:\n${indented(text, 4)}`];
    if (value.some((item) => item.pipe))
      return ['bitbucket', `pipelines:\n  default:\n    - step:\n        script:\n${indented(text, 10)}`];
    return null;
  }
  // Only Gitea takes an action by its URL.
  if (value.jobs) return [/uses: *https:/.test(text) ? 'gitea' : 'workflow', value.on ? text : `on: push\n${text}`];
  if (value.steps) return ['workflow', `on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n${indented(text, 4)}`];
  if (value.pipelines) return ['bitbucket', text];
  if (value.runs) return ['action', text];
  if (value.on) return null; // The head of a workflow.
  const jobs = Object.values(value).filter((item) => item && typeof item === 'object');
  if (value.include || jobs.some((item) => item.script || item.extends)) return ['gitlab', text];
  return null;
}

// [{where, kind, text}]
export function blocksOf(name, page, parseDocuments) {
  const found = [];
  for (const { at, text } of pieces(page)) {
    const where = `${name}:${at}`;
    try {
      const file = whole(text.replace(/^( *)\.\.\.$/gm, '$1# ...'), parseDocuments);
      if (file) found.push({ where, kind: file[0], text: file[1] });
    } catch (error) {
      found.push({ where, kind: 'unreadable', text: error.message });
    }
  }
  return found;
}
