// What a process does at its very start, before there are threads: as the first one of a container it becomes a parent
// that reaps, and what it was started with is hidden from other processes.
#pragma once

namespace cml {

// The first process of a container is the parent of every orphan in it, and signals that it does not handle do not
// reach it. So it starts itself once more, as an ordinary process: the call returns there alone, while the first
// process hands signals on, reaps, and ends with that one's exit code.
void start_under_reaper();

// Other processes of the user, and all of root's, can read what a process was started with (/proc/PID/environ and
// cmdline). From here on credentials are no longer among it, while getenv() and children still have them. The value
// after "--token" is blanked out, too.
void hide_credentials(int argc, char** argv);

}  // namespace cml
