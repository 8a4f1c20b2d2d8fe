// The process that holds the parts of a run. It is apart from the tests' so that what functions print and break stays here,
// so that `--keep` can leave it behind, and so that it can end everything in order when the run is killed.

import { errorToJson } from '../../control/error-json.ts'
import { tidyFolder } from '../../evidence/tidy.ts'
import { findTopology } from '../../topology/find-topology.ts'
import { RunEvents } from '../run-events.ts'
import { LocalStage } from './local-stage.ts'
import type { FromHost, ToHost } from './messages.ts'

const events = new RunEvents()
events.subscribe((event) => void tell({ type: 'event', event }))

let stage: LocalStage | undefined
let kept = false
let folder: string | undefined
const began = Date.now()
let ending: Promise<void> | undefined

process.on('message', (message: ToHost) => {
  switch (message.type) {
    case 'start':
      void start(message)
      break
    case 'keep':
      void keep()
      break
    case 'stop':
      void end(0)
      break
  }
})
process.on('disconnect', () => {
  if (!kept) void end(1)
})
process.on('SIGTERM', () => void end(0))
// Ctrl-C goes to the run, which says what to do.
process.on('SIGINT', () => undefined)
process.on('uncaughtException', (error) => {
  console.error(error)
  void end(1)
})

async function start({ topology, request }: Extract<ToHost, { type: 'start' }>): Promise<void> {
  try {
    // For functions that have to know; processes that are started from here inherit it.
    process.env.STATEFUN_TOPOLOGY = topology
    const found = await findTopology(topology)
    if (ending !== undefined) return
    stage = new LocalStage(found, request, events)
    folder = request.folder
    void stage.stopAsked.then(() => end(0))
    for (const [engine, deployment] of stage.deployments) {
      deployment.then(
        (access) => tell({ type: 'deployment', engine, access }),
        (error: unknown) => tell({ type: 'failed', engine, error: errorToJson(error) }),
      )
    }
  } catch (error) {
    for (const engine of request.engines) await tell({ type: 'failed', engine, error: errorToJson(error) })
  }
}

async function keep(): Promise<void> {
  if (stage === undefined) return
  kept = true
  await tell({ type: 'kept', kept: await stage.keep() })
}

function end(code: number): Promise<void> {
  ending ??= (async () => {
    await stage?.stop()
    // Otherwise the run does it, once its report is written.
    if (kept && folder !== undefined) await tidyFolder(folder, { since: began })
    // Not left to the event loop: an app may hold timers and sockets of its own.
    process.exit(code)
  })()
  return ending
}

/** Settles when the run's end of the channel has the message, or is gone. */
async function tell(message: FromHost): Promise<void> {
  if (!process.connected) return
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()))
}
