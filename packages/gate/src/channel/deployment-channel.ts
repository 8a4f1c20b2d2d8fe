import { ControlClient } from '../control/control-client.ts'
import { InProcessTopics } from '../test/kafka/in-process-topics.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import type { Channel } from './channel.ts'
import { kafkaChannel } from './kafka-channel.ts'
import { topicsChannel } from './topics-channel.ts'

/**
 * A {@link Channel} to the topics of a deployment. To a broker it sends by an idempotent producer: a record whose answer is lost
 * with the broker is not written twice.
 *
 * @throws StatefunError when the broker cannot be reached
 */
export async function deploymentChannel(access: DeploymentAccess): Promise<Channel> {
  if (access.kafka.kind === 'broker') return await kafkaChannel(access.kafka.bootstrap)
  return topicsChannel(new InProcessTopics(new ControlClient(access.control)))
}
