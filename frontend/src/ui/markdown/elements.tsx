import { isValidElement, type ReactNode } from 'react'
import type { Components } from 'react-markdown'
import { CodeBlock } from './code-block'
import { Formula } from './formula'
import { ImageChip } from './image-chip'
import { InlineCode } from './inline-code'
import { Link } from './link'
import { NoteMark } from './note-mark'
import { TableBox } from './table-box'
import { TaskMark } from './task-mark'

/** How each element of an answer looks. Text takes its direction from its first letters. */
export const elements: Components = {
  a: ({ href, children, node }) => (
    <Link href={href} text={textOf(node)}>
      {children}
    </Link>
  ),
  img: ({ src, alt }) => <ImageChip src={typeof src === 'string' ? src : ''} alt={alt ?? ''} />,
  code: ({ className, children }) =>
    className?.startsWith('math-') ? (
      <Formula tex={String(children)} display={className === 'math-display'} />
    ) : (
      <InlineCode text={String(children ?? '')} />
    ),
  pre: ({ children }) => <Pre>{children}</Pre>,
  table: ({ children }) => <TableBox>{children}</TableBox>,
  input: ({ checked }) => <TaskMark done={checked === true} />,
  sup: ({ children }) => <NoteMark number={Number(children)} />,
  mark: ({ children }) => <mark className="md-sign">{children}</mark>,
  td: ({ children, node, style }) => (
    <td dir="auto" className={widthOf(textOf(node))} style={style}>
      {children}
    </td>
  ),
  p: ({ children }) => <p dir="auto">{children}</p>,
  li: ({ children, className }) => (
    <li dir="auto" className={className}>
      {children}
    </li>
  ),
  h2: ({ children }) => <h2 dir="auto">{children}</h2>,
  h3: ({ children }) => <h3 dir="auto">{children}</h3>,
  h4: ({ children }) => <h4 dir="auto">{children}</h4>,
  h5: ({ children }) => <h5 dir="auto">{children}</h5>,
  h6: ({ children }) => <h6 dir="auto">{children}</h6>,
  blockquote: ({ children }) => <blockquote dir="auto">{children}</blockquote>,
}

/** Code fenced inside a list or a quote, or indented. */
function Pre({ children }: { children: ReactNode }) {
  const code = isValidElement<{ className?: string; children?: ReactNode }>(children) ? children.props : {}
  const language = /^language-(\S+)/.exec(code.className ?? '')?.[1] ?? ''
  return <CodeBlock language={language} code={String(code.children ?? '').replace(/\n$/, '')} whole />
}

/** Cells are not squeezed to the width of a word: the table scrolls instead. */
function widthOf(text: string): string {
  if (text.length > 60) return 'md-sentence'
  return text.length > 20 ? 'md-words' : 'md-short'
}

interface HastNode {
  type: string
  value?: string
  children?: readonly HastNode[]
}

function textOf(node: HastNode | undefined): string {
  if (!node) return ''
  return node.type === 'text' ? (node.value ?? '') : (node.children ?? []).map(textOf).join('')
}
