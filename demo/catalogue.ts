/** The names a shop is put together from. `always` exists in every shop; `sometimes` fills up to `count`. */
export interface TierNames {
  readonly tier: Tier
  readonly namespace: string
  readonly count: number
  readonly always: readonly string[]
  readonly sometimes: readonly string[]
}

export type Tier = 'edge' | 'web' | 'core' | 'finance' | 'data' | 'shared' | 'prober' | 'batch'

export const TRUST_DOMAIN = 'shop.example'

export const TIERS: readonly TierNames[] = [
  {
    tier: 'edge',
    namespace: 'edge',
    count: 3,
    always: ['gateway'],
    sometimes: ['mobile-gateway', 'partner-gateway', 'kiosk-gateway'],
  },
  {
    tier: 'web',
    namespace: 'web',
    count: 7,
    always: ['storefront', 'checkout-page', 'support-desk'],
    sometimes: ['search-page', 'cart-page', 'account-page', 'seller-portal', 'wishlist-page', 'landing-page'],
  },
  {
    tier: 'core',
    namespace: 'shop',
    count: 12,
    always: ['checkout', 'orders', 'cart', 'catalog'],
    sometimes: [
      'pricing',
      'inventory',
      'shipping',
      'reviews',
      'recommendations',
      'customers',
      'promotions',
      'search',
      'notifications',
      'returns',
      'images',
    ],
  },
  {
    tier: 'finance',
    namespace: 'finance',
    count: 5,
    always: ['payments', 'ledger', 'payouts'],
    sometimes: ['invoicing', 'tax', 'refunds', 'fraud-screen'],
  },
  {
    tier: 'data',
    namespace: 'data',
    count: 7,
    always: ['orders-store', 'catalog-store', 'warehouse'],
    sometimes: ['customer-vault', 'session-store', 'ledger-store', 'document-archive', 'image-store'],
  },
  {
    tier: 'shared',
    namespace: 'platform',
    count: 4,
    always: ['config', 'feature-flags', 'metrics', 'token-exchange'],
    sometimes: [],
  },
  { tier: 'prober', namespace: 'platform', count: 1, always: ['prober'], sometimes: [] },
  { tier: 'batch', namespace: 'batch', count: 1, always: ['nightly-settlement'], sometimes: [] },
]

/** What a new product is called; it comes as a page, a service and a store. */
export const PRODUCTS = ['gift-cards', 'loyalty', 'subscriptions', 'rentals'] as const
