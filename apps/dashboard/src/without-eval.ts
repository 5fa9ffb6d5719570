import { config } from 'zod'

// Imported before every schema: zod would otherwise try whether it may make code of text, which the page's content security
// policy forbids and browsers report.
config({ jitless: true })
