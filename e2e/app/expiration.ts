/**
 * Milliseconds that the state of the expiring counter lives: five seconds (contract 7.3), and in-process less, where a run shall
 * take no more than ten seconds in all.
 *
 * @param topology that a run says to functions (`STATEFUN_TOPOLOGY`) and tests (`engine.topology`)
 */
export function expirationMs(topology: string | undefined): number {
  return topology === 'embedded' ? 1_500 : 5_000
}
