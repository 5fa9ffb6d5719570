import { defineConfig } from 'vitepress'
import { anchorOf } from '../../infra/docs/links.ts'
import { plainMarkdown } from './plain-markdown.ts'
import { sidebar } from './sidebar.ts'
import { strictCode, strictPolicy } from './strict-policy.ts'

// The site of these pages, as the API serves it at /help. `npm run docs:build` builds it; a dead link fails that.
export default defineConfig({
  ...strictPolicy,
  title: 'Vesemir',
  description: 'Rolling deployments to virtual machines behind HAProxy',
  lang: 'en',
  base: '/help/',
  cleanUrls: true,
  cacheDir: '../node_modules/.cache/vitepress',
  markdown: {
    // Headings have the anchors that GitHub makes: links work in both.
    anchor: { slugify: anchorOf },
    codeTransformers: strictCode,
    config: plainMarkdown,
  },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
