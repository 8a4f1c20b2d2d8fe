import type { KinesisEgressDefinition } from '@statefun/engine'
import { describe, expect, it } from 'vitest'
import { egress } from '../../test/egress-definition.ts'
import { clientProperties } from './client-properties.ts'
import { readClientSettings } from './read-client-settings.ts'
import { WITHOUT_EFFECT } from './without-effect.ts'

const BASIC = { type: 'basic', accessKeyId: 'id', secretAccessKey: 'secret' } as const

function read(
  clientConfigProperties: KinesisEgressDefinition['clientConfigProperties'],
  changes: Partial<KinesisEgressDefinition> = {},
) {
  const definition = egress({ ...changes, clientConfigProperties })
  const properties = clientProperties(definition)
  const settings = readClientSettings(definition, properties)
  const warnings: string[] = []
  const note = (_: object, message: string) => void warnings.push(message)
  properties.warnUnused({ debug: note, info: note, warn: note, error: note }, WITHOUT_EFFECT)
  return { settings, warnings }
}

describe('settings of a client', () => {
  it('has defaults', () => {
    expect(read([])).toEqual({
      settings: {
        region: undefined,
        endpoint: undefined,
        credentials: { type: 'default' },
        http: {
          version: 1,
          connectTimeoutMs: 5_000,
          requestTimeoutMs: 30_000,
          maxConnections: 64,
          proxy: undefined,
          noProxy: undefined,
          verifyCertificates: true,
        },
        userAgent: undefined,
      },
      warnings: [],
    })
  })

  it('takes every kind of region', () => {
    const regionOf = (awsRegion: KinesisEgressDefinition['awsRegion']) => {
      const { region, endpoint } = read([], { awsRegion }).settings
      return { region, endpoint }
    }
    expect(regionOf({ type: 'specific', id: 'eu-central-1' })).toEqual({
      region: 'eu-central-1',
      endpoint: undefined,
    })
    expect(regionOf({ type: 'custom-endpoint', endpoint: 'http://127.0.0.1:4566', id: 'us-east-1' })).toEqual(
      { region: 'us-east-1', endpoint: 'http://127.0.0.1:4566' },
    )
  })

  it('takes every kind of credentials', () => {
    const credentialsOf = (awsCredentials: KinesisEgressDefinition['awsCredentials']) =>
      read([], { awsCredentials }).settings.credentials
    expect(credentialsOf(BASIC)).toEqual(BASIC)
    expect(credentialsOf({ type: 'profile', profileName: 'ops', profilePath: '/etc/aws' })).toEqual({
      type: 'profile',
      name: 'ops',
      path: '/etc/aws',
    })
  })

  it('lets the keys of Flink’s connectors win over named fields, and these over names of Apache’s clients', () => {
    const named = {
      awsRegion: { type: 'custom-endpoint', endpoint: 'http://named:1', id: 'eu-west-1' },
      awsCredentials: BASIC,
    } as const
    expect(read([['Region', 'us-west-2']]).settings.region).toBe('us-west-2')
    expect(read([['Region', 'us-west-2']], named).settings.region).toBe('eu-west-1')
    const { settings, warnings } = read(
      [
        ['aws.region', 'ap-south-1'],
        ['aws.endpoint', 'https://other:2'],
        ['aws.credentials.provider.basic.accesskeyid', 'other'],
      ],
      named,
    )
    expect(settings).toMatchObject({
      region: 'ap-south-1',
      endpoint: 'https://other:2',
      credentials: { ...BASIC, accessKeyId: 'other' },
    })
    expect(warnings).toEqual([])
  })

  it('knows the providers of Flink’s connectors, one inside the other', () => {
    const { settings, warnings } = read(
      [
        ['aws.credentials.provider', 'ASSUME_ROLE'],
        ['aws.credentials.provider.role.arn', 'arn:aws:iam::1:role/r'],
        ['aws.credentials.provider.role.externalId', 'x'],
        ['aws.credentials.provider.role.provider', 'PROFILE'],
        ['aws.credentials.provider.role.provider.profile.name', 'ops'],
      ],
      { awsCredentials: BASIC },
    )
    expect(settings.credentials).toEqual({
      type: 'role',
      arn: 'arn:aws:iam::1:role/r',
      sessionName: 'statefun',
      externalId: 'x',
      stsEndpoint: undefined,
      source: { type: 'profile', name: 'ops', path: undefined },
    })
    expect(warnings).toEqual([])
    expect(read([['aws.credentials.provider', 'ENV_VAR']]).settings.credentials.type).toBe('environment')
    expect(
      read([['aws.credentials.provider', 'AUTO']], { awsCredentials: BASIC }).settings.credentials,
    ).toEqual({
      type: 'default',
    })
    expect(
      read([
        ['aws.credentials.provider', 'WEB_IDENTITY_TOKEN'],
        ['aws.credentials.provider.webIdentityToken.file', '/token'],
      ]).settings.credentials,
    ).toEqual({ type: 'web-identity', roleArn: undefined, sessionName: undefined, tokenFile: '/token' })
  })

  it('reads names of Apache’s clients with a small letter, too', () => {
    const { settings, warnings } = read([
      ['socketTimeout', '1000'],
      ['ConnectionTimeout', '200'],
      ['maxConnections', '7'],
      ['proxyHost', 'proxy.local'],
      ['proxyPort', '3128'],
      ['proxyUsername', 'me@corp'],
      ['nonProxyHosts', 'localhost|10.0.0.1'],
      ['userAgentSuffix', 'shop'],
      ['verifyCertificate', 'false'],
    ])
    expect(settings.http).toEqual({
      version: 1,
      connectTimeoutMs: 200,
      requestTimeoutMs: 1000,
      maxConnections: 7,
      proxy: 'http://me%40corp@proxy.local:3128/',
      noProxy: 'localhost,10.0.0.1',
      verifyCertificates: false,
    })
    expect(settings.userAgent).toBe('shop')
    expect(warnings).toEqual([])
  })

  it('speaks HTTP/2 only over https', () => {
    const http2 = [['aws.http.protocol.version', 'HTTP2']] as const
    expect(read(http2).settings.http.version).toBe(2)
    expect(read([...http2, ['aws.endpoint', 'http://localhost:1']]).settings.http.version).toBe(1)
  })

  it('names all that has no effect in one warning', () => {
    const { warnings } = read([
      ['AggregationEnabled', 'false'],
      ['proxyPort', '1'],
      ['SocketTimeoutt', '1'],
      ['aws.reggion', 'x'],
    ])
    expect(warnings).toEqual([
      'properties of egress test/egress that are not used: AggregationEnabled (has no effect in this engine), ' +
        'ProxyPort (has no effect without ProxyHost), SocketTimeoutt (unknown; did you mean SocketTimeout?), ' +
        'aws.reggion (unknown; did you mean aws.region?)',
    ])
  })

  it.each([
    [
      ['SocketTimeout', 'soon'],
      /property SocketTimeout "soon" of egress test\/egress must be a whole number/,
    ],
    [['aws.endpoint', 'localhost:4566'], /must be an http or https URL/],
    [['aws.credentials.provider', 'CUSTOM'], /must be one of AUTO, BASIC/],
    [['aws.credentials.provider', 'ASSUME_ROLE'], /role\.arn "" of .* must be set with this provider/],
  ] as const)('refuses %j', (property, message) => {
    expect(() => read([property])).toThrow(message)
    expect(() => read([property])).toThrow(expect.objectContaining({ code: 'SF_KINESIS_PROPERTY_INVALID' }))
  })

  it('shows no secret', () => {
    const secret = 'aws.credentials.provider.basic.secretkey'
    expect(() =>
      read([
        ['aws.credentials.provider', 'BASIC'],
        ['aws.credentials.provider.basic.accesskeyid', 'id'],
        [secret, ''],
      ]),
    ).toThrow(`property ${secret} of egress`)
  })
})
