/** What a smoke test draws its commands by, with the names that Apache's driver gives them (contract 8.3). */
export interface SmokeParameters {
  readonly numberOfFunctionInstances: number
  /** Ids are this number and those after it: instances of another test must not have been counting already. */
  readonly firstInstance: number
  /** Command trees sent from outside. */
  readonly messageCount: number
  /** A tree is of a random depth below this. */
  readonly commandDepth: number
  /** Commands of one list, at most. */
  readonly maxCommandsPerDepth: number
  /** Weights of the kinds of command, relative to each other. */
  readonly stateModificationsPr: number
  readonly sendPr: number
  readonly sendAfterPr: number
  readonly sendAfterWithCancellationPr: number
  readonly asyncSendPr: number
  readonly noopPr: number
  readonly sendEgressPr: number
}

/** The weights of Apache's driver, for a run of seconds: 128 instances, 5,000 trees. */
export const SMOKE_DEFAULTS: SmokeParameters = {
  numberOfFunctionInstances: 128,
  firstInstance: 0,
  messageCount: 5_000,
  commandDepth: 10,
  maxCommandsPerDepth: 3,
  stateModificationsPr: 0.4,
  sendPr: 0.9,
  sendAfterPr: 0.1,
  sendAfterWithCancellationPr: 0.1,
  asyncSendPr: 0.1,
  noopPr: 0.2,
  sendEgressPr: 0.03,
}

/** A random number from which on ids are hardly those of another test, also where an app goes on from an earlier run. */
export function unusedInstance(): number {
  return Math.floor(Math.random() * 2_000_000) * 1_000
}

/** Parameters of a stream whose outcome depends on no clock: nothing is delayed. */
export const WITHOUT_DELAYS: Partial<SmokeParameters> = { sendAfterPr: 0, sendAfterWithCancellationPr: 0 }
