import { expect, test } from 'vitest'
import { badgeLink } from './badge-link.ts'

test.each(['https://vesemir.example', 'https://vesemir.example/'])('the badge of an API at %s', (url) => {
  const link = badgeLink({ application: 'payments', environment: 'production' }, url)

  const badge = 'https://vesemir.example/v1/applications/payments/environments/production/badge.svg'
  const page = 'https://vesemir.example/applications/payments?environment=production'
  expect(link).toEqual({ url: badge, markdown: `[![payments in production](${badge})](${page})` })
})
