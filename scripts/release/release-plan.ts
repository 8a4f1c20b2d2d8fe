/** What is to be done with what the branch `release` holds. */
export interface ReleasePlan {
  /** `version`: changesets wait, so the next version is proposed; `publish`: this version is new; `none`: it is out. */
  readonly mode: 'version' | 'publish' | 'none'
  /** Version of all packages, semver. */
  readonly version: string
  /** No pre-release: only then it becomes npm's `latest` and the images' `latest`. */
  readonly stable: boolean
  /** npm's dist-tag: `latest`, or the word of the pre-release (`rc` of `1.0.0-rc.1`). */
  readonly tag: string
  /** Names of the changeset files that wait. */
  readonly pending: readonly string[]
}

/**
 * Decides what a push to `release` leads to.
 *
 * @param published whether `version` is in the registry
 */
export function releasePlan(version: string, pending: readonly string[], published: boolean): ReleasePlan {
  const mode = pending.length > 0 ? 'version' : published ? 'none' : 'publish'
  return { mode, version, stable: !version.includes('-'), tag: distTag(version), pending }
}

/** npm's dist-tag of a version: `latest` only for a stable one. */
export function distTag(version: string): string {
  return /-([a-z]+)/i.exec(version)?.[1]?.toLowerCase() ?? (version.includes('-') ? 'next' : 'latest')
}
