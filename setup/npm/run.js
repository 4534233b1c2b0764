// What each command of the npm package runs: the program of this machine's package, under the name it was called by.
'use strict';
const { spawn } = require('child_process');
const { constants } = require('os');

const PROGRAMS = { 'linux-x64': '@SCOPE/cml-linux-x64', 'linux-arm64': '@SCOPE/cml-linux-arm64' };

function programOf(machine) {
  const name = PROGRAMS[machine];
  if (!name) throw new Error(`cml runs on Linux, x64 and arm64; this is ${machine}. Use a Linux machine or container`);
  try {
    return require.resolve(`${name}/bin/cml`);
  } catch (error) {
    throw new Error(`the package ${name} is missing; install again without --omit=optional (or --no-optional)`);
  }
}

module.exports = (name) => {
  let program;
  try {
    program = programOf(`${process.platform}-${process.arch}`);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exit(1);
  }
  // A runner that is told to stop does so in its own time. Node delivers a signal only after this function, when there
  // is a child; with handlers set after the start, a signal between the two would end node and leave the child alone.
  let child;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child = spawn(program, process.argv.slice(2), { stdio: 'inherit', argv0: name });
  child.on('error', (error) => {
    console.error(`error: ${program} does not run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
};
