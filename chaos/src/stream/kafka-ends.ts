import { type ConnectorContext, loadModule, type Sink, type Source, silentLogger } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { moduleText } from '../../../test/engine/kit/module-text.ts'

const context: ConnectorContext = {
  app: 'chaos',
  logger: silentLogger,
  metrics: {
    counter: () => ({ inc() {} }),
    gauge() {},
    histogram: () => ({ observe() {} }),
    render: async () => '',
  },
}

/** A sink that writes whatever it is given once and in order, also while the broker comes and goes. */
export function sinkTo(bootstrap: string): Sink {
  const { egresses } = loadModule(moduleText({ bootstrap, topics: { none: ['none'] } }), {
    file: 'module.yaml',
  })
  const sink = kafkaConnector().createSink(egresses[0]!, context)
  return sink as Sink
}

/** A source of all records of a topic whose transaction is committed. */
export function committedSource(bootstrap: string, topic: string): Source {
  const ingress = ['properties: [ { isolation.level: read_committed } ]']
  const text = moduleText({ bootstrap, topics: { [topic]: ['none'] }, ingress })
  const { ingresses } = loadModule(text, { file: 'module.yaml' })
  return kafkaConnector().createSource(ingresses[0]!, context)!
}
