/** JVM flags: without the second compiler a start takes two thirds of the time, and no run is long enough to need it. */
export const QUICK_START: readonly string[] = ['-XX:TieredStopAtLevel=1']
