/** CPU time of this process so far, user and system. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
