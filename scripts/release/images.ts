import { spawnSync } from 'node:child_process'
import { runNode, runProgram } from '../run-tool.ts'
import { containerEngine } from './container-engine.ts'
import { IMAGES } from './image-push.ts'

// `npm run release:images`: builds the images of a release on this machine, holds them to their sizes and starts the engine's.

const MOST_MEGABYTES = { functions: 116, engine: 120 } as const

const program = await containerEngine()
if (program === undefined) throw new Error('no container engine answers: install and start Docker or Podman')
for (const name of ['functions', 'engine'] as const) {
  const tag = IMAGES[name] ?? ''
  const of = name === 'engine' ? 'engine' : 'base'
  const build = ['image', 'build', '--of', of, '--tag', tag, '--engine', program]
  const built = await runNode([
    'packages/cli/src/main.ts',
    ...build,
    '--config',
    'docker/engine/statefun.config.ts',
  ])
  if (built.code !== 0) throw new Error(`${tag} cannot be built\n${built.output}`)
  const { stdout } = await runProgram(program, ['image', 'inspect', '--format', '{{.Size}}', tag])
  const megabytes = Number(stdout) / 1e6
  process.stdout.write(`${tag.padEnd(28)} ${megabytes.toFixed(1)} MB\n`)
  if (!(megabytes > 10 && megabytes <= MOST_MEGABYTES[name])) {
    throw new Error(`${tag} has ${megabytes.toFixed(1)} MB, more than ${MOST_MEGABYTES[name]}`)
  }
}
const help = spawnSync(program, ['run', '--rm', '--read-only', IMAGES.engine ?? '', 'run', '--help'], {
  encoding: 'utf8',
})
if (!help.stdout.includes('--checkpoint-place'))
  throw new Error(`the engine image does not start\n${help.stderr}`)
const node = spawnSync(program, ['run', '--rm', '--read-only', IMAGES.functions ?? '', 'node', '--version'], {
  encoding: 'utf8',
})
if (!/^v\d+/.test(node.stdout)) throw new Error(`the base image does not start\n${node.stderr}`)
process.stdout.write(`the engine image starts, the base image has Node ${node.stdout.trim()}\n`)
