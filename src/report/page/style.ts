/**
 * How the page looks: light, dark and on paper.
 *
 * @module
 */

import { dark, light, plotStyle, type } from "../plot/colours.ts";

/** The style sheet of the page. */
export const style = `
:root{color-scheme:light dark;${light}${type}}
:root[data-verdict="conforms"]{--accent:var(--holds)}
:root[data-verdict="violates"]{--accent:var(--actual)}
:root[data-verdict="incomplete"],:root[data-verdict="not run"]{--accent:var(--caution)}
@media (prefers-color-scheme:dark){:root{${dark}}}
*,::before,::after{box-sizing:border-box}
html{text-size-adjust:100%;-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 var(--sans);overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
h1,h2,h3,h4,p,ul,dl,dd,figure,pre{margin:0;padding:0}
ul{list-style:none}
a{color:inherit;text-decoration-color:var(--strong);text-underline-offset:.2em;text-decoration-thickness:.06em}
a:hover{text-decoration-color:currentColor}
code,pre{font-family:var(--mono);font-size:.9em}
:focus-visible{outline:2px solid var(--expected);outline-offset:3px;border-radius:3px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.6rem;background:var(--raised);padding:.3rem .8rem;z-index:2}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.page{max-width:62rem;margin:0 auto;padding:0 clamp(1.1rem,4vw,3rem)}

header{border-top:5px solid var(--accent);padding-top:clamp(1.6rem,4vw,3rem)}
.brand{color:var(--soft);font-size:.88rem;letter-spacing:.01em}
h1{font:500 clamp(1.75rem,1.2rem + 2.6vw,2.9rem)/1.14 var(--serif);letter-spacing:-.015em;margin-top:.5rem;text-wrap:balance}
h1 bdi{display:inline-block;max-width:100%}
h1 .words{color:var(--accent)}
.lead{font:1.15rem/1.55 var(--serif);color:var(--soft);margin-top:.9rem;max-width:44rem}
.tally{display:flex;height:.7rem;gap:2px;margin-top:1.8rem}
.tally span{border-radius:2px;min-width:5px}
.tally .holds{background:var(--holds)}
.tally .violated{background:repeating-linear-gradient(135deg,var(--actual) 0 5px,color-mix(in srgb,var(--actual) 55%,var(--paper)) 5px 8px)}
.tally .unsupported,.tally .left{background:var(--sunk);border:1px solid var(--strong)}
.tally .left{border-style:dashed}
.counts{display:flex;flex-wrap:wrap;gap:.9rem 2.6rem;margin-top:1rem}
.counts div{display:flex;flex-direction:column-reverse}
.counts dd{font:500 1.65rem/1.15 var(--serif)}
.counts dt{color:var(--soft);font-size:.86rem}
.about{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin-top:1.5rem;color:var(--soft);font-size:.86rem}
.about div{display:flex;gap:.4em}
.about dd{color:var(--ink)}
nav{margin-top:1.8rem;border-block:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;padding:.6rem 0;font-size:.92rem}
nav a{text-decoration:none;color:var(--soft);padding:.15rem 0;display:inline-block}
nav a:hover{color:var(--ink)}

main{padding-bottom:2rem}
.first{margin-top:1.6rem}
.first .defect{margin-top:1.1rem}
.first .defect h3{font-size:1.15rem}
.first .defect h3 code{white-space:nowrap;font-size:.9em}
.overview{margin-top:clamp(1.8rem,4vw,2.6rem)}
.remark{margin-top:.6rem;max-width:46rem}
.part{margin-top:clamp(2.6rem,6vw,4.2rem)}
h2{font:500 1.55rem/1.25 var(--serif);letter-spacing:-.01em}
.part>.intro{color:var(--soft);margin-top:.4rem;max-width:44rem}

.violation{margin-top:1.8rem;padding-top:1.8rem;border-top:1px solid var(--line)}
.violation:first-of-type{border-top:0;padding-top:0}
.violation h3 code,.clause h4 code{font-weight:600}
.violation h3{font-size:1.05rem;color:var(--accent)}
.sentence{font:1.25rem/1.45 var(--serif);margin-top:.35rem;max-width:44rem;text-wrap:pretty}
.formula{overflow-x:auto;overflow-y:hidden;padding:.5rem 0;margin-top:.5rem;font-size:1.12rem;scrollbar-width:thin}
math{font-family:"STIX Two Math","Cambria Math","Latin Modern Math","DejaVu Math TeX Gyre","Noto Sans Math",math}
.found{margin-top:1.1rem;padding:.85rem 1.1rem;border-left:3px solid var(--accent);background:color-mix(in srgb,var(--accent) 7%,var(--paper));border-radius:0 6px 6px 0;max-width:46rem}
.smallest{display:grid;grid-template-columns:minmax(0,1.18fr) minmax(0,1fr);gap:1.6rem 2.6rem;margin-top:1.6rem;align-items:start}
h4{font:600 .92rem/1.4 var(--sans)}
.words dl,.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.34rem 1.2rem;margin-top:.7rem;font-size:.93rem}
.words dt,.pairs dt{color:var(--soft)}
.words dl+h4{margin-top:1.5rem}
.source{color:var(--soft)}
.scroll{overflow-x:auto;margin-top:1.7rem;scrollbar-width:thin}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding-bottom:.55rem}
th,td{padding:.42rem 1rem .42rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:baseline}
th:first-child{padding-left:.7rem}
td:last-child,th:last-child{padding-right:.7rem}
thead th{color:var(--soft);font-weight:500;border-top:0;white-space:nowrap}
tbody th{font-weight:500;white-space:nowrap}
.number+td:not(.number),.number+th:not(.number){padding-left:1.2rem}
.number{text-align:right;font-family:var(--mono);font-size:.86rem;white-space:nowrap}
thead .number{font-family:var(--sans);font-size:.9rem}
tr.differs>*{background:color-mix(in srgb,var(--actual) 9%,var(--paper));color:var(--ink)}
tr.differs th,tr.differs .number{color:var(--actual);font-weight:650}
tr.weak>*{color:var(--soft)}
.replay{margin-top:1.6rem}
.command{display:flex;gap:.7rem;align-items:flex-start;margin-top:.5rem;background:var(--sunk);border-radius:7px;padding:.6rem .7rem .6rem 1rem}
.command span{white-space:nowrap}
.command pre{flex:1;min-width:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.84rem;line-height:1.7}
button{font:500 .84rem/1 var(--sans);color:inherit;background:var(--raised);border:1px solid var(--strong);border-radius:6px;padding:.5rem .8rem;cursor:pointer;white-space:nowrap}
button:hover{background:var(--paper);border-color:var(--ink)}

.figure{min-width:0}
.figure .plot{display:block;width:100%;height:auto;max-width:34rem}
.plot{background:var(--raised);border:1px solid var(--line);border-radius:8px}
.chart-title{font-size:.92rem;font-weight:600;margin-bottom:.55rem}
figcaption{font-size:.84rem;color:var(--soft);margin-top:.55rem}
figcaption p{margin-top:.3rem}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.15rem}
.legend li{display:flex;align-items:center;gap:.42rem}
.legend svg{width:20px;height:14px;flex:none}
${plotStyle}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.6rem 2.2rem;margin-top:1.4rem}
.noise{margin-top:2rem}
h3.noise,.defect h3{font-size:1.02rem;line-height:1.4}

.defect{margin-top:1.3rem;padding-left:1.1rem;border-left:3px solid var(--accent);max-width:46rem}
.defect p{margin-top:.3rem}
.rule{font-family:var(--mono);font-size:.9rem;line-height:1.75;background:var(--sunk);border-radius:7px;padding:.8rem 1rem}
sub{line-height:0;font-size:.75em}
.rule mark{background:color-mix(in srgb,var(--actual) 20%,transparent);color:inherit;border-bottom:2px solid var(--actual);padding:.08em .1em}
.quiet{color:var(--soft);font-size:.9rem;margin-top:.7rem}

.tools{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.6rem}
.groups{margin-top:1.2rem;border-bottom:1px solid var(--line)}
details{border-top:1px solid var(--line)}
summary{display:grid;grid-template-columns:1.4rem minmax(7rem,11rem) minmax(0,1fr) auto;gap:.3rem .7rem;align-items:baseline;padding:.62rem .5rem;cursor:pointer;list-style:none;border-radius:4px}
summary::-webkit-details-marker{display:none}
summary:hover{background:var(--sunk)}
summary h3{font:600 .96rem/1.4 var(--sans)}
summary .strip{display:flex;flex-wrap:wrap;gap:3px;align-self:center}
.strip i{width:.72rem;height:.72rem;border-radius:3px;display:block}
.strip .holds{background:var(--holds)}
.strip .violated{background:var(--actual);border-radius:50%;box-shadow:0 0 0 2px var(--paper),0 0 0 3.5px var(--actual);margin:0 2px}
.strip .unsupported{border:1.5px solid var(--strong)}
.strip .left{border:1.5px dashed var(--strong)}
summary .share{color:var(--soft);font-size:.88rem;text-align:right}
summary .share::after{content:"";display:inline-block;width:.4rem;height:.4rem;border:solid var(--soft);border-width:0 1.5px 1.5px 0;transform:rotate(45deg) translate(-.1rem,-.1rem);margin-left:.8rem}
details[open]>summary .share::after{transform:rotate(225deg) translate(-.1rem,-.1rem)}
.sign{font-weight:700;text-align:center}
.sign.holds{color:var(--holds)}
.sign.violated{color:var(--actual)}
.sign.unsupported,.sign.left{color:var(--soft)}
.clauses{padding:.3rem .5rem 1rem}
.clause{display:grid;grid-template-columns:1.4rem minmax(0,1fr) 13rem;gap:.2rem .7rem;padding:.85rem 0}
.clause+.clause{border-top:1px solid var(--line)}
.clause p{max-width:40rem}
.clause .formula{font-size:1rem;padding:.25rem 0;margin-top:.15rem}
.clause .remark{color:var(--soft);font-size:.89rem;margin-top:.25rem}
.evidence{font-size:.86rem;color:var(--soft);text-align:right}
.evidence strong{display:block;color:var(--ink);font-weight:600}
.evidence .violated{color:var(--actual)}
.fault{margin-top:1.4rem}
.fault pre{background:var(--sunk);padding:.8rem 1rem;border-radius:7px;margin-top:.5rem;white-space:pre-wrap;font-size:.82rem;line-height:1.6;max-height:24rem;overflow:auto}
.fault h3{font-size:.95rem;margin-top:1.4rem}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.85rem;padding:1.3rem 0 3rem;margin-top:3.5rem}

@media screen and (max-width:46rem){
.smallest{grid-template-columns:minmax(0,1fr)}
.clause{grid-template-columns:1.4rem minmax(0,1fr)}
.evidence{grid-column:2;text-align:left}
.evidence strong{display:inline}
.evidence span:not(:empty)::before{content:"· "}
.ledger tr{display:grid;grid-template-columns:minmax(0,1fr) minmax(4.6rem,auto) minmax(4.6rem,auto);gap:0 .8rem;padding:.5rem .6rem;border-top:1px solid var(--line)}
.ledger thead tr{border-top:0}
.ledger th,.ledger td{border:0;padding:0!important;background:none!important}
.ledger th:first-child{grid-column:1;grid-row:1}
.ledger .number{grid-column:2;grid-row:1}
.ledger .number+.number{grid-column:3}
.ledger .math{grid-column:1;grid-row:2;white-space:normal}
.ledger .basis{grid-column:2/-1;grid-row:2;text-align:right;color:var(--soft);font-size:.86em}
.ledger tr.differs{background:color-mix(in srgb,var(--actual) 9%,var(--paper))}
.ledger thead .math,.ledger thead .basis{display:none}
summary{grid-template-columns:1.4rem minmax(0,1fr) auto}
summary .strip{grid-column:2/-1;grid-row:2}
.counts{gap:.8rem 1.8rem}
.formula{font-size:.94rem}
.command{flex-direction:column}
th,td{padding-right:.75rem}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{
:root{${light}}
body{font-size:10.5pt;background:#fff}
.page{max-width:none;padding:0}
nav,button,.skip{display:none}
@page{margin:14mm}
.figure,.clause,.defect,.found,tr{break-inside:avoid}
h2,h3,h4{break-after:avoid}
.scroll,.formula{overflow:visible}
.part,footer{margin-top:1.2rem}
html{font-size:78%}
.figure .plot{max-width:21rem}
.violation{margin-top:.9rem;padding-top:.9rem}
.found{margin-top:.6rem;padding:.4rem .8rem}
.smallest,.scroll,.replay{margin-top:.9rem}
th,td{padding-block:.18rem}
.command{padding-block:.2rem}
.groups{columns:2;column-gap:9mm;border:0;font-size:8.5pt;line-height:1.35}
details,.clause+.clause{border:0}
summary{padding:.5rem 0 0}
.clauses{padding:0}
.clause{grid-template-columns:1.2rem minmax(0,1fr);padding:.12rem 0}
.clause h4,.clause h4+p{display:inline;font-size:8.5pt}
.clause:has(>.sign.holds),summary .strip,.clause .formula,.clause .remark,.evidence span,.evidence .holds{display:none}
.evidence{grid-column:2;text-align:left;font-size:8pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
