import type { KinesisClientConfig } from '@aws-sdk/client-kinesis'
import type { CredentialSettings } from './client-settings.ts'

type CredentialsProvider = NonNullable<KinesisClientConfig['credentials']>

/** Loaded when a client is made: commands that need none start without it. */
const loadProviders = () => import('@aws-sdk/credential-providers')

/**
 * The provider of credentials for a client; undefined for the SDK's own chain. Nothing is looked up before the first
 * request, and what expires is renewed.
 *
 * @param region where a role is assumed
 */
export async function credentialsProvider(
  settings: CredentialSettings,
  region: string | undefined,
): Promise<CredentialsProvider | undefined> {
  switch (settings.type) {
    case 'default':
      return undefined
    case 'basic': {
      const { accessKeyId, secretAccessKey } = settings
      return async () => ({ accessKeyId, secretAccessKey })
    }
    case 'environment': {
      const { fromEnv } = await loadProviders()
      return fromEnv()
    }
    case 'profile': {
      const { name, path } = settings
      const { fromIni } = await loadProviders()
      return fromIni({
        ...(name === undefined ? {} : { profile: name }),
        // A file of one's own holds the whole profile: what else this machine knows under its name must not mix in.
        ...(path === undefined ? {} : { filepath: path, configFilepath: path }),
      })
    }
    case 'role': {
      const { arn, sessionName, externalId, stsEndpoint, source } = settings
      const { fromTemporaryCredentials } = await loadProviders()
      const master = await credentialsProvider(source, region)
      return fromTemporaryCredentials({
        params: {
          RoleArn: arn,
          RoleSessionName: sessionName,
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
        },
        ...(master === undefined ? {} : { masterCredentials: master }),
        clientConfig: {
          ...(region === undefined ? {} : { region }),
          ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }),
        },
      })
    }
    case 'web-identity': {
      const { roleArn, sessionName, tokenFile } = settings
      const { fromTokenFile } = await loadProviders()
      return fromTokenFile({
        ...(roleArn === undefined ? {} : { roleArn }),
        ...(sessionName === undefined ? {} : { roleSessionName: sessionName }),
        ...(tokenFile === undefined ? {} : { webIdentityTokenFile: tokenFile }),
      })
    }
  }
}
