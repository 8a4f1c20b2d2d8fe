/** One thing that is wrong, precise enough to go there and mend it. */
export interface Finding {
  /** `packages/sdk/src/context.ts:12`, below the root. */
  readonly where: string
  /** Short kebab-case name of the broken rule: `dependency-direction`. */
  readonly rule: string
  readonly message: string
  /** What to do instead. */
  readonly hint?: string
}

/** What a step found; it passed when there are no findings and no failure. */
export interface StepResult {
  /** A few words for the line of the step: `212 files, median 3.1 kB`. */
  readonly summary: string
  readonly findings: readonly Finding[]
  /** Output of a tool that failed, shown as it is. */
  readonly failure?: string
}

/** One check; steps are independent: all run even when one fails. */
export interface Step {
  readonly name: string
  /** @param color whether tools may colour what ends up in `failure` */
  run(color: boolean): Promise<StepResult>
}

/** `where rule: message` and the hint below it. */
export function formatFinding({ where, rule, message, hint }: Finding): string {
  return `${where} ${rule}: ${message}${hint === undefined ? '' : `\n    ${hint}`}`
}
