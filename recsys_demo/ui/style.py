"""What the pages' style adds to Streamlit's: room, sizes of what is pressed, projector, paper."""

from __future__ import annotations

from recsys_demo.charts.inks import letters

# The placeholder has the same measures.
_PAGE = """
.block-container {padding-top: 2.6rem; padding-bottom: 2rem; max-width: 1500px}
@media (min-width: 769px) {.block-container {padding-left: 2rem; padding-right: 2rem}}
[data-testid=stHeader] {background: none; pointer-events: none}
[data-testid=stHeader] button {pointer-events: auto}
[data-testid=stSidebarHeader] {height: 2rem; margin-bottom: 0}
[data-testid=stSidebar] kbd {display: none}
.katex-display {overflow: auto hidden}
[data-testid=stButtonGroup] :has(> button) {flex-wrap: wrap}
"""
# Colours are the models'; what is pressed is neutral. White letters on the dark scheme's primary
# colour have too little contrast; letters in that colour would have too little in a darker one.
_INK = """
[data-testid=stBaseButton-primary]:enabled,
[data-testid=stMultiSelectTagsContainer] :has(> span[title]) {
background-color: light-dark(#334155, #475569)}
"""
# The link of a lesson is there when it says what stands in the field above it.
_COPIES = """
[role=dialog]:has(textarea:focus) .st-key-lesson_link,
body:has([data-test-script-state=running]) .st-key-lesson_link {visibility: hidden}
[data-testid=stCode] > div {opacity: 1; visibility: inherit}
"""
# Streamlit lays links closer together than they are high.
_LINKS = """
[data-testid=stElementContainer]:has(> [data-testid=stPageLink]) {margin: 0}
[data-testid=stPageLink-NavLink] {min-height: 36px; margin: 0}
@media (max-width: 768px) {[data-testid=stPageLink-NavLink] {min-height: 44px}}
"""
# Columns too narrow for the controls in them go below each other, as on a phone.
_NARROW = """
[data-testid=stHorizontalBlock]:has(> [data-testid=stColumn]) {flex-wrap: wrap}
[data-testid=stColumn]:has([data-testid=stMultiSelect], [data-testid=stSelectbox],
 [data-testid=stButtonGroup], [data-testid=stTextInput], .katex) {min-width: min(100%, 13rem)}
.st-key-recommend_answer [data-testid=stColumn] {min-width: 100%}
.standings tbody :is(th, td) {white-space: normal}
.standings :is(th, td) {padding-right: .3rem; font-size: .9em}
.standings :is(th, td):nth-child(4) {display: none}
"""
_IDENTITY = """
.identity {display: flex; gap: .6rem; align-items: center; font-size: 1.07rem; line-height: 1.2}
.identity img {flex: none; width: 2rem !important}
"""
# One sentence says what came out, before anything is shown. On a phone the heading, its help and
# the sentence leave room for what they are about; the placeholder has the same heading.
_FINDING = """
[class*=st-key-finding] p {font-size: 1.33rem; font-weight: 600; line-height: 1.35;
 margin: 0 0 .5rem; text-wrap: balance}
/* Recommend's changes with every edit: the lists below it stay where they are. */
.st-key-recommend_finding [class*=st-key-finding] p {min-height: 2lh}
@media (max-width: 640px) {
.st-key-heading {flex-wrap: nowrap; margin-top: .6rem}
.st-key-heading > :not(:has(h3)) {flex: none; min-width: 5rem}
.st-key-heading > :has(h3) {flex: 0 1 auto; min-width: 0}
.st-key-heading h3 {font-size: 1.4rem}
[class*=st-key-finding] p {font-size: 1.2rem}
}
"""
_STANDINGS = """
.standings {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums}
.standings :is(th, td) {text-align: left; padding: .35rem .5rem .35rem 0; font-weight: 400;
 border-bottom: 1px solid rgba(128,135,146,.25)}
[data-testid=stHtml]:has(.standings) {overflow-x: auto}
.standings tbody th {white-space: nowrap}
.standings tbody th {font-weight: 600}
.standings thead th {font-size: .9em}
.legend {display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-weight: 600}
.standings i {display: block; height: 4px; margin: 2px 0; max-width: 9rem; border-radius: 2px;
 background: linear-gradient(90deg, var(--ink) var(--done), rgba(128,135,146,.25) var(--done))}
"""
# Names on a map are read over its points and paths: with a rim of its ground, those of vectors in
# the page's ink. On a phone the picture that the finding speaks of comes first.
_MAP_NAMES = """
[data-testid=stPlotlyChart] .textpoint text, .st-key-embeddings_first .annotation-text {
 stroke: Canvas; stroke-width: 3px; stroke-linejoin: round; paint-order: stroke}
.st-key-embeddings_first .annotation-text {fill: currentColor !important;
 text-shadow: none !important}
@media (max-width: 640px) {
.st-key-embeddings_first [data-testid=stHorizontalBlock],
.st-key-data_source > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock] {
 flex-direction: column-reverse}
.st-key-data_source > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock] >
 [data-testid=stColumn] {width: 100%}
}
"""
# A map is as high as the window lets it be below the finding; a low one has no room for words in
# its corners.
_MAP_HEIGHTS = """
.st-key-start-map {height: clamp(17rem, calc(100vh - 14.5rem), 480px)}
.st-key-train-map {height: clamp(16rem, calc(100vh - 20rem), 440px)}
@media (max-height: 740px) {.st-key-train-map .annotation {display: none}}
"""
# Read from the back row, and scanned from there.
_CLASS = """
.class-code {font-size: 2.4rem; font-weight: 700; margin: 0; line-height: 1.2;
 overflow-wrap: anywhere}
.class-qr {display: block; width: min(100%, 13rem); height: auto}
"""
# Who somebody is; beside it what changes it. What is long unfolds over the page. A sentence that
# grows by an edit moves nothing below it. On a phone buttons of cases scroll.
_PERSON = """
.person {display: flex; flex-wrap: wrap; gap: .4rem; position: relative}
.person > span {padding: .25rem .6rem; border-radius: 1rem;
 background: rgba(128,135,146,.14)}
.person summary {cursor: pointer}
.person details > div {position: absolute; z-index: 9; left: 0; right: 0; margin-top: .5rem;
 padding: .5rem .8rem; border-radius: .5rem; border: 1px solid rgba(128,135,146,.4);
 background: light-dark(#FFFFFF, #0F1420)}
.st-key-recommend_person > [data-testid=stElementContainer]:has(.person) {flex: 1 1 12rem;
 min-width: 0}
.st-key-recommend_finding {min-height: 3.8rem}
.person small {font-size: .9em}
@media (max-width: 640px) {
.st-key-recommend_cases {flex-wrap: nowrap; overflow-x: auto}
.st-key-recommend_cases > * {flex: none}
.st-key-recommend_person > [data-testid=stElementContainer]:has(.person) {flex-basis: 100%}
}
"""
# On paper nothing can be pressed or scrolled.
_PAPER = """
@page {size: A4 landscape; margin: 10mm}
@media print {
[data-testid=stSidebar], [data-testid=stHeader], [data-testid=stMain] :is(button, [role=tablist],
 [data-testid=stButtonGroup], [data-testid=stFileUploader]) {display: none !important}
:is(html, body, #root, #root *) {overflow: visible !important}
[data-testid=stApp], [data-testid=stMain] {position: static; height: auto}
[data-testid=stMain] {zoom: .7}
[data-testid=stElementContainer] {break-inside: avoid}
.person details::details-content {content-visibility: visible; display: contents}
.person details > div {position: static; padding: 0; margin: 0; border: 0}
}
"""
# The smallest letters of a page are three quarters of the base size; charts set their own. Plotly
# measures letters outside of the chart, and keeps so much room for them.
_PROJECTOR = """
html {font-size: 21px}
:is([data-testid=stPlotlyChart] svg, #js-plotly-tester) :is(text, tspan) {
font-size: 18px !important}
"""


def style(projector: bool) -> str:
    """The style sheet of every page."""
    narrow = _NARROW if projector else f"@media screen and (max-width: 1150px) {{{_NARROW}}}"
    return (
        _PAGE
        + _INK
        + _COPIES
        + _LINKS
        + letters()
        + _IDENTITY
        + _FINDING
        + _STANDINGS
        + _MAP_NAMES
        + _MAP_HEIGHTS
        + _CLASS
        + _PERSON
        + narrow
        + _PAPER
        + (_PROJECTOR if projector else "")
    )
