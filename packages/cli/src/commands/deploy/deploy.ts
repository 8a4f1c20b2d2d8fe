import { Command } from 'commander'
import type { Io } from '../../io.ts'
import { examples } from '../shared-options.ts'
import { applyCommand } from './apply.ts'
import { deleteCommand } from './delete.ts'
import { diffCommand } from './diff.ts'
import { logsCommand } from './logs.ts'
import { renderCommand } from './render.ts'
import { deploySavepointCommand } from './savepoint.ts'
import { statusCommand } from './status.ts'
import { upgradeCommand } from './upgrade.ts'

/** `statefun deploy`: the app on Kubernetes. */
export function deployCommand(io: Io): Command {
  const command = new Command('deploy')
    .summary('run the app on Kubernetes')
    .description(
      'Brings the app to Kubernetes: on Apache Flink, through the Flink Kubernetes Operator, or on the embedded engine.',
    )
    .addCommand(renderCommand(io))
    .addCommand(applyCommand(io))
    .addCommand(diffCommand(io))
    .addCommand(statusCommand(io))
    .addCommand(logsCommand(io))
    .addCommand(deploySavepointCommand(io))
    .addCommand(upgradeCommand(io))
    .addCommand(deleteCommand(io))
  return examples(
    command,
    'statefun deploy render --output manifests',
    'statefun deploy apply --context staging',
    'statefun deploy upgrade --from savepoint',
  )
}
