import type { KinesisClientConfig } from '@aws-sdk/client-kinesis'
import type { CredentialSettings } from './client-settings.ts'

/**
 * The region of the profile that the credentials come from, looked up with the first request; undefined when they come from
 * elsewhere. A profile without one leaves it to what the SDK finds: that of `AWS_PROFILE`, of the machine.
 */
export async function profileRegion(
  credentials: CredentialSettings,
): Promise<KinesisClientConfig['region'] | undefined> {
  if (credentials.type !== 'profile') return undefined
  const { loadConfig, NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS } = await import(
    '@smithy/core/config'
  )
  const { name, path } = credentials
  return loadConfig(
    {
      ...NODE_REGION_CONFIG_OPTIONS,
      default: loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS),
    },
    {
      ...NODE_REGION_CONFIG_FILE_OPTIONS,
      ...(name === undefined ? {} : { profile: name }),
      ...(path === undefined ? {} : { filepath: path, configFilepath: path }),
    },
  )
}
