import { deploymentChannel } from '@statefun/gate/channel'
import { test as base } from '@statefun/gate/test'

/** The gate's `test` with a channel to the deployment's topics, for streams. */
export const test = base.extend('channel', async ({ access }, { onCleanup }) => {
  const channel = await deploymentChannel(access)
  onCleanup(() => channel[Symbol.asyncDispose]())
  return channel
})
