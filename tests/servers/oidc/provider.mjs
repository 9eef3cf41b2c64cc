// An OpenID provider and a resource that validates its tokens, opaque ones and JWTs.
import { createServer } from 'node:http';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';

const issuer = 'http://127.0.0.1:@http@';
const api = 'https://api.example/';
const lifetime = 30;
const realm = 'Bearer realm="api"';

const client = (client_id, client_secret, token_endpoint_auth_method) => ({
  client_id,
  client_secret,
  token_endpoint_auth_method,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: 'api:read',
});

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const named = { alg: 'RS256', kid: 'one', use: 'sig' };
const keys = [{ ...(await exportJWK(privateKey)), ...named }];
const trusted = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), ...named }] });

const provider = new Provider(issuer, {
  clients: [
    client('in-header', 's3cr3t+/=%:&', 'client_secret_basic'),
    client('in-body', 's3cr3t', 'client_secret_post'),
  ],
  jwks: { keys },
  scopes: ['openid', 'api:read'],
  ttl: { ClientCredentials: lifetime },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:opaque',
      getResourceServerInfo: (_, resource) => ({
        scope: 'api:read',
        accessTokenTTL: lifetime,
        ...(resource === 'urn:opaque'
          ? { accessTokenFormat: 'opaque' }
          : { accessTokenFormat: 'jwt', audience: resource, jwt: { sign: { alg: 'RS256' } } }),
      }),
      useGrantedResource: () => true,
    },
  },
});

async function isJwt(token) {
  const wanted = { issuer, audience: api, algorithms: ['RS256'] };
  return jwtVerify(token, trusted, wanted).then(() => true, () => false);
}

async function isOpaque(token) {
  const found = await provider.ClientCredentials.find(token);
  return Boolean(found) && !found.isExpired;
}

const doors = { '/jwt': isJwt, '/opaque': isOpaque };
const callback = provider.callback();
const server = createServer(async (request, response) => {
  if (request.url === '/ready') {
    return response.end('@instance@');
  }
  const admits = doors[request.url];
  if (!admits) {
    return callback(request, response);
  }
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token && (await admits(token))) {
    return response.end('open\n');
  }
  const challenge = token ? `${realm}, error="invalid_token"` : realm;
  return response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
});
server.listen(@http@, '127.0.0.1');
