// An authorization server nobody of this project wrote, on loopback, set up as a strict one may be:
// PKCE needed, `iss` in each answer, a new refresh token at each refresh, access tokens as JWTs.
//
//     node server.mjs NODE_MODULES PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
//
// Anybody may log in, with any password; the login becomes `sub`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
// Imported by its place: the packages live in a cache, not beside this file.
const library = pathToFileURL(resolve(modules, 'oidc-provider/lib/index.js'));
const { default: Provider } = await import(library);

const API = 'urn:inventory-source:v1'; // a resource is a URI; the audience need not be one
const server = {
  scope: 'write:orders read:products read:shipments',
  audience: '/v1',
  accessTokenFormat: 'jwt',
  accessTokenTTL: 24 * 3600,
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  pkce: { methods: ['S256'], required: () => true },
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API, // we send Auth0's `audience`, which it does not know
      getResourceServerInfo: () => server,
      useGrantedResource: () => true,
    },
  },
  // It takes offline_access out of what was asked for, as no prompt for consent was asked for too
  // (OpenID Connect Core 11): then a refresh token comes without that scope.
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  rotateRefreshToken: true,
});

provider.listen(Number(port), '127.0.0.1');
