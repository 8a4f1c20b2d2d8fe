import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { Command } from 'commander'
import type { Io } from '../../io.ts'
import { examples } from '../shared-options.ts'
import { addPlanOptions, checkedPlan, type PlanOptions } from './plan-options.ts'
import { addTargetOptions } from './target-options.ts'

interface RenderOptions extends PlanOptions {
  readonly output?: string
}

/** `statefun deploy render`: manifests, for looking at them or for other tools. */
export function renderCommand(io: Io): Command {
  const command = addPlanOptions(
    addTargetOptions(
      new Command('render')
        .summary('print the manifests')
        .description(
          'Prints the manifests as a stream of YAML, or writes them to a folder with a kustomization.yaml.\n' +
            'No cluster is asked. The same input gives the same text.',
        ),
    ),
  )
    .option(
      '-o, --output <folder>',
      'write one file per object there; manifests in it from before are replaced',
    )
    .action(async (options: RenderOptions) => {
      const { manifests } = await checkedPlan(io, options)
      const { renderFolder, toYamlStream } = await import('@statefun/flink')
      if (options.output === undefined) {
        io.stdout.write(toYamlStream(manifests))
        return
      }
      const folder = resolve(io.cwd, options.output)
      await clear(folder)
      const files = renderFolder(manifests)
      for (const { name, text } of files) await writeFile(join(folder, name), text)
      io.stderr.write(`${files.length} files in ${options.output}\n`)
    })
  return examples(
    command,
    'statefun deploy render',
    'statefun deploy render --profile apache --output manifests',
    'statefun deploy render | kubectl apply --server-side -f -',
  )
}

/** Only a folder of manifests is written over: one that is empty, or has a kustomization.yaml. */
async function clear(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const names = await readdir(folder)
  if (names.length > 0 && !names.includes('kustomization.yaml')) {
    throw new StatefunError('SF_CLI_OUTPUT', 'the folder holds something else than manifests', {
      where: folder,
      hint: 'name an empty one with --output',
    })
  }
  for (const name of names) if (name.endsWith('.yaml')) await rm(join(folder, name))
}
