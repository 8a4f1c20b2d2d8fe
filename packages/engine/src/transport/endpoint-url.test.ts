import { expect, it } from 'vitest'
import { parseEndpointUrl } from './endpoint-url.ts'

it('expands every {function.name}, keeps query and fragment', () => {
  const target = parseEndpointUrl(
    'http://fn:8080/{function.name}/x/{function.name}?v=1&w#part',
    'greeter',
    'async',
  )
  expect(target).toMatchObject({
    origin: 'http://fn:8080',
    path: '/greeter/x/greeter?v=1&w#part',
    host: 'fn:8080',
    secure: false,
    socketPath: undefined,
  })
})

it.each([
  ['http://fn', 'fn', '/'],
  ['http://fn:80/a', 'fn', '/a'],
  ['http://fn:443/a', 'fn', '/a'],
  ['https://fn:80/a', 'fn', '/a'],
  ['https://fn:8443?x', 'fn:8443', '/?x'],
  ['http://[::1]:8080/a', '[::1]:8080', '/a'],
])('%s has host header %s and path %s', (url, host, path) => {
  expect(parseEndpointUrl(url, 'f', 'async')).toMatchObject({ host, path })
})

it('masks credentials where people see the URL', () => {
  const target = parseEndpointUrl('http://user:secret@fn/a', 'f', 'async')
  expect(target.display).toBe('http://***@fn/a')
  expect(target.host).toBe('fn')
})

it('takes a Unix socket URL apart at .sock', () => {
  expect(
    parseEndpointUrl('http+unix:///run/a.d/fn.sock/call/{function.name}?q=1', 'f', 'okhttp'),
  ).toMatchObject({
    socketPath: '/run/a.d/fn.sock',
    path: '/call/f?q=1',
    secure: false,
  })
  expect(parseEndpointUrl('https+unix:///run/fn.sock', 'f', 'okhttp')).toMatchObject({
    socketPath: '/run/fn.sock',
    path: '/',
    secure: true,
  })
})

it.each([
  ['http+unix:///run/fn.sock/x', 'async', /async transport cannot/],
  ['http+unix:///run/fn.socket/x', 'okhttp', /names no socket file/],
  ['ftp://fn/x', 'async', /not a URL that functions/],
  ['fn:8080/x', 'async', /not a URL that functions/],
  ['http://', 'async', /not a valid URL/],
  ['http://user:secret@fn:99999/', 'async', /"http:\/\/\*\*\*@fn:99999\/" is not a valid URL/],
] as const)('refuses %s for %s', (url, type, message) => {
  expect(() => parseEndpointUrl(url, 'f', type)).toThrow(
    expect.objectContaining({ code: 'SF_TRANSPORT_URL', message: expect.stringMatching(message) }),
  )
})
