/**
 * A script for `sh -c` that runs a command, says the id of its process, and sends it a signal when standard input ends: so when whoever holds
 * the other end dies, however it dies. Arguments: `$0`, the file for what the command says, the command.
 */
export const untilStdinEnds = (signal: 'KILL' | 'QUIT' | 'TERM'): string => `
log=$1
shift
exec 3<&0
"$@" </dev/null 3<&- >>"$log" 2>&1 & command=$!
echo $command
( cat <&3 >/dev/null; kill -${signal} $command ) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait $command
status=$?
kill $watch 2>/dev/null
exit $status
`
