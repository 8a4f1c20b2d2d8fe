import { setTimeout as sleep } from 'node:timers/promises'
import {
  checkSmoke,
  formatSmokeReport,
  runSmoke,
  smokeModule,
  smokeSeed,
  smokeTopics,
} from '@statefun/gate/smoke'
import { describe } from '@statefun/gate/test'
import { test } from './kit/channel-test.ts'
import { newId } from './kit/new-id.ts'
import { INTERPRETER_LANGUAGES, startForeignInterpreter } from './smoke/foreign-interpreter.ts'

const TIMEOUT_MS = 240_000
const TITLES = { java: 'Java', python: 'Python' } as const

// The functions are called over HTTP, by an app of their own beside the one under test.
describe.concurrent('smoke', () => {
  for (const language of INTERPRETER_LANGUAGES) {
    test(`functions of the ${TITLES[language]} SDK come to what a model says, their server killed on the way`, {
      tags: ['smoke', 'kafka'],
      timeout: TIMEOUT_MS,
      meta: { needs: ['second-app', 'functions-fault', 'exactly-once-egress'] },
    }, async ({ access, app, channel, control, engine, skip }) => {
      if (engine.name === 'flink') {
        skip(`not applicable on ${engine.title}: it is what the SDKs of Java and Python are made for`)
      }
      if (access.kafka.kind !== 'broker') throw new Error('there is a function server, but no broker')
      const name = newId(`smoke-${language}`)
      const topics = smokeTopics(name)
      await using functions = await startForeignInterpreter(language, topics)
      const { bootstrap } = access.kafka
      const module = smokeModule({ url: functions.url, bootstrap, topics, group: name, exactlyOnce: true })
      await using _app = await app.deploy({ name, module })
      const report = await runSmoke({
        channel,
        topics,
        seed: smokeSeed(),
        exactlyOnce: true,
        parameters: { numberOfFunctionInstances: 64, messageCount: 300 },
        faults: [
          {
            name: 'function server killed',
            at: 0.5,
            async inject() {
              await functions.kill()
              await sleep(100)
              await functions.restart()
            },
          },
        ],
        timeoutMs: TIMEOUT_MS - 30_000,
      })
      await control.note(`smoke with the ${TITLES[language]} SDK: ${formatSmokeReport(report)}`)
      checkSmoke(report)
    })
  }
})
