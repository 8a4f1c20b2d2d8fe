/** What a smoke test draws its commands by, with the names that Apache's driver gives them (contract 8.3). */
export interface SmokeParameters {
  /** Ids are `0` to this number - 1. */
  readonly numberOfFunctionInstances: number
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

/** Parameters of a stream whose outcome depends on no clock: nothing is delayed. */
export const WITHOUT_DELAYS: Partial<SmokeParameters> = { sendAfterPr: 0, sendAfterWithCancellationPr: 0 }
