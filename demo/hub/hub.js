// The vendor's script in the hub's page. The server bundles it, as a vendor would.

import { indexedDBTier, localStorageTier } from 'holdfast'
import { serveHub } from 'holdfast/hub/host'
import { allowAt } from '../sites.mjs'

serveHub({ allow: allowAt(location.port), tiers: [indexedDBTier(), localStorageTier()] })
