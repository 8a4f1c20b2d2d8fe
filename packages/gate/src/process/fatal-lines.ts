const MOST = 8

/**
 * The lines of a Java server's log that say why it ended: errors, and the names and messages of exceptions without their stacks.
 * Its end alone holds only the orderly shutdown that follows. Empty when there is no such line.
 */
export function fatalLines(log: string): string {
  const lines = log
    .split('\n')
    .filter((line) =>
      / ERROR |^Error|^(Caused by: |Exception in thread )?[\w.$]+(Exception|Error)\b/.test(line),
    )
  return [...new Set(lines)].slice(0, MOST).join('\n')
}
