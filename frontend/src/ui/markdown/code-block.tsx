import { ChevronsDownUp, ChevronsUpDown, TextWrap } from 'lucide-react'
import { memo, useId, useRef, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { CopyButton } from '../copy-button'
import { IconButton } from '../icon-button'
import { CodeLines } from './code-lines'
import { languageOf } from './languages'
import { IN_CODE } from './signs'
import { useColours } from './use-colours'
import { useOverflow } from './use-overflow'

interface CodeBlockProps {
  /** As the model wrote it. */
  language: string
  code: string
  /** Nothing more comes: it is coloured, and can be folded when it is long. */
  whole: boolean
}

/** In lines. */
const LONG = 40

export const CodeBlock = memo(function CodeBlock({ language, code, whole }: CodeBlockProps) {
  const { t } = useTranslation('markdown')
  const { id, name } = languageOf(language)
  const tokens = useColours(code, id, whole)
  const [wraps, setWraps] = useState(false)
  const [folded, setFolded] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const overflows = useOverflow(box)
  const label = useId()
  const lines = lineCount(code)
  return (
    <figure className="md-code" aria-labelledby={label}>
      <figcaption className="md-code-bar">
        <span id={label} className="md-code-name">
          {name === '' ? t('code.name') : name}
        </span>
        {IN_CODE.test(code) && <span className="md-code-warning">{t('code.hiddenSigns')}</span>}
        {whole && lines > LONG && (
          <IconButton
            label={folded ? t('code.unfold', { count: lines }) : t('code.fold')}
            size="small"
            aria-expanded={!folded}
            onClick={() => setFolded(!folded)}
          >
            {folded ? <ChevronsUpDown className="size-4" /> : <ChevronsDownUp className="size-4" />}
          </IconButton>
        )}
        <IconButton label={t('code.wrap')} size="small" aria-pressed={wraps} onClick={() => setWraps(!wraps)}>
          <TextWrap className={cn('size-4', wraps && 'text-accent')} />
        </IconButton>
        <CopyButton text={code} label={t('code.copy')} />
      </figcaption>
      <div
        ref={box}
        className={cn('md-code-box', wraps && 'md-wraps', folded && 'md-folded')}
        dir="ltr"
        // What scrolls must be reachable by keys.
        {...(overflows && { tabIndex: 0, role: 'region', 'aria-labelledby': label })}
      >
        <pre>
          <code>
            <CodeLines code={code} tokens={tokens} />
          </code>
        </pre>
      </div>
      {folded && (
        <button type="button" className="md-unfold" onClick={() => setFolded(false)}>
          {t('code.unfold', { count: lines })}
        </button>
      )}
    </figure>
  )
})

function lineCount(code: string): number {
  let count = 1
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) count += 1
  return count
}
