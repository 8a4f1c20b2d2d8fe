import type { Finding } from '../check/step.ts'
import { RUN_COMMANDS } from './run-commands.ts'
import type { WorkflowFile } from './workflow-files.ts'

/**
 * What every workflow keeps to: actions by the SHA of a commit with the version beside it, no permission but those that a
 * job names, a time limit for every job, and no command that is not known to {@link RUN_COMMANDS}.
 */
export function checkWorkflows(workflows: readonly WorkflowFile[]): readonly Finding[] {
  const findings = workflows.flatMap((workflow) => [
    ...unpinned(workflow),
    ...unlimited(workflow),
    ...unknownCommands(workflow),
  ])
  const used = new Set(workflows.flatMap(({ steps }) => steps.map(({ run }) => run?.trim())))
  const unused = Object.keys(RUN_COMMANDS).filter((command) => !used.has(command))
  return [
    ...findings,
    ...unused.map((command) => ({
      where: 'scripts/release/run-commands.ts',
      rule: 'unused-command',
      message: `no workflow runs "${command}"`,
      hint: 'take it out',
    })),
  ]
}

function unpinned({ file, text }: WorkflowFile): readonly Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const uses = /^\s*(?:- )?uses: (.+)$/.exec(line)?.[1]
    if (uses === undefined || uses.startsWith('./')) return []
    if (/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses)) return []
    return [
      {
        where: `${file}:${index + 1}`,
        rule: 'unpinned-action',
        message: `${uses} can change under us`,
        hint: 'name the commit and its version: owner/action@<40 hex digits> # v1.2.3',
      },
    ]
  })
}

function unlimited({ file, jobs, permissions }: WorkflowFile): readonly Finding[] {
  if (jobs === undefined) return []
  const findings: Finding[] = []
  if (JSON.stringify(permissions) !== '{}') {
    findings.push({
      where: file,
      rule: 'workflow-permissions',
      message: 'the workflow gives permissions to all of its jobs',
      hint: 'write "permissions: {}" at the top, and what each job needs in the job',
    })
  }
  for (const [name, job] of Object.entries(jobs)) {
    if (job.permissions === undefined) {
      findings.push({ where: file, rule: 'job-permissions', message: `job "${name}" names no permissions` })
    }
    if (job.uses === undefined && job['timeout-minutes'] === undefined) {
      findings.push({ where: file, rule: 'job-time', message: `job "${name}" has no timeout-minutes` })
    }
  }
  return findings
}

function unknownCommands({ file, steps }: WorkflowFile): readonly Finding[] {
  return steps.flatMap(({ run, job }) => {
    if (run === undefined || Object.hasOwn(RUN_COMMANDS, run.trim())) return []
    return [
      {
        where: file,
        rule: 'unknown-command',
        message: `job "${job}" runs "${run.trim()}"`,
        hint: 'make it a script of package.json and enter it in scripts/release/run-commands.ts',
      },
    ]
  })
}
