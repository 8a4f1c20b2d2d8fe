import type { AwsCredentials, PropertyReader } from '@statefun/engine'
import type { CredentialSettings } from './client-settings.ts'

const PREFIX = 'aws.credentials.provider'
const SESSION_NAME = 'statefun'

/** Names of Flink's AWS connectors; those of the JVM have no meaning here. */
const PROVIDERS = {
  AUTO: 'default',
  BASIC: 'basic',
  PROFILE: 'profile',
  ENV_VAR: 'environment',
  ASSUME_ROLE: 'role',
  WEB_IDENTITY_TOKEN: 'web-identity',
} as const satisfies Record<string, CredentialSettings['type']>

/**
 * Credentials as the named field says, unless keys of kzm's connector (`aws.credentials.provider…`) say otherwise.
 *
 * @throws StatefunError `SF_KINESIS_PROPERTY_INVALID` for a provider of the JVM or one that lacks what it needs
 */
export function readCredentials(field: AwsCredentials, properties: PropertyReader): CredentialSettings {
  return readProvider(PREFIX, field, properties)
}

function readProvider(prefix: string, field: AwsCredentials, properties: PropertyReader): CredentialSettings {
  const type = properties.choice<CredentialSettings['type']>(prefix, PROVIDERS, field.type)
  const needed = (name: string, value: string | undefined): string => {
    if (value === undefined || value === '') throw properties.invalid(name, 'set with this provider')
    return value
  }
  switch (type) {
    case 'default':
    case 'environment':
      return { type }
    case 'basic': {
      const named = field.type === 'basic' ? field : undefined
      const key = `${prefix}.basic.accesskeyid`
      const secret = `${prefix}.basic.secretkey`
      return {
        type,
        accessKeyId: needed(key, properties.text(key) ?? named?.accessKeyId),
        secretAccessKey: needed(secret, properties.text(secret) ?? named?.secretAccessKey),
      }
    }
    case 'profile': {
      const named = field.type === 'profile' ? field : undefined
      return {
        type,
        name: properties.text(`${prefix}.profile.name`) ?? named?.profileName,
        path: properties.text(`${prefix}.profile.path`) ?? named?.profilePath,
      }
    }
    case 'role': {
      const arn = `${prefix}.role.arn`
      return {
        type,
        arn: needed(arn, properties.text(arn)),
        sessionName: properties.text(`${prefix}.role.sessionName`) ?? SESSION_NAME,
        externalId: properties.text(`${prefix}.role.externalId`),
        stsEndpoint: properties.text(`${prefix}.role.stsEndpoint`),
        source: readProvider(`${prefix}.role.provider`, { type: 'default' }, properties),
      }
    }
    case 'web-identity':
      return {
        type,
        roleArn: properties.text(`${prefix}.role.arn`),
        sessionName: properties.text(`${prefix}.role.sessionName`),
        tokenFile: properties.text(`${prefix}.webIdentityToken.file`),
      }
  }
}
