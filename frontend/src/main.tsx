import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app'
import { startWords } from './i18n'
import './ui/tokens.css'
import './ui/base.css'

// The page's Content-Security-Policy allows only styles that carry this.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
if (nonce) setNonce(nonce)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
await startWords()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
