/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The style sheet. Light and dark by the reader's choice, paper is always light. Status colours
 * keep a contrast of 4.5 against their ground; agreement is one hue whose lightness alone tells.
 */
#include "convert/html_page.h"

/* clang-format off */
static const char *const STYLE[] = {
    ":root{color-scheme:light dark;--ink:#1b2430;--soft:#4d5866;--line:#d5dbe3;--paper:#fff;"
    "--wash:#f5f7fa;--accent:#1f4e8c;--pass:#17603c;--passw:#e9f5ee;--fail:#9c1f17;--failw:#fcedeb;"
    "--review:#7a4800;--revieww:#fdf3e0;--info:#285687;--infow:#ebf2fa;--none:#4d5866;--nonew:#eff2f5;"
    "--h0:#eef1f5;--h1:#d3e1f0;--h2:#a5c4e2;--h3:#6c9fce;--h4:#2f6fae;--h5:#0c3461;--dot:#fff;--bars:#848f9d}\n",
    "@media screen and (prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#a9b4c2;--line:#374150;"
    "--paper:#12171e;--wash:#1a212b;--accent:#8dbcf5;--pass:#7fd6a6;--passw:#12301f;--fail:#ff9d94;"
    "--failw:#3b1613;--review:#f2c069;--revieww:#35260a;--info:#98c4f2;--infow:#14283d;--none:#a9b4c2;"
    "--nonew:#232b36;--h0:#222a35;--h1:#263f5c;--h2:#2c5a8b;--h3:#4182bf;--h4:#78b0e6;--h5:#d3e8ff;"
    "--dot:#12171e;--bars:#5c6878}}\n",
    "*{box-sizing:border-box}\n",
    "html{font:15px/1.65 Pretendard,\"Noto Sans KR\",\"Noto Sans CJK KR\",\"Apple SD Gothic Neo\","
    "\"Malgun Gothic\",system-ui,\"Segoe UI\",Roboto,\"Helvetica Neue\",sans-serif;color:var(--ink);"
    "background-color:var(--paper);-webkit-text-size-adjust:100%}\n",
    "body{margin:0 auto;max-width:62rem;padding:1.5rem 1.5rem 4rem}\n",
    ":lang(ko){word-break:keep-all}\n",
    "h1,h2,h3,h4,p,li,dd,pre,code{overflow-wrap:anywhere}td,th,td *,th *{overflow-wrap:break-word}\n",
    "h1{font-size:1.75rem;line-height:1.3;margin:.2rem 0 0;letter-spacing:-.01em}\n",
    "h1+.strip{margin-top:.8rem}\n",
    "h2{font-size:1.3rem;line-height:1.35;margin:0 0 .8rem;padding-top:2.6rem}\n",
    "h3{font-size:1.05rem;margin:1.6rem 0 .5rem}\n",
    "h4{font-size:.95rem;margin:1.2rem 0 .4rem}\n",
    "p{margin:.5rem 0;max-width:48rem}\n",
    "ul{margin:.3rem 0;padding-left:1.15rem}li{margin:.15rem 0;max-width:48rem}\n",
    "a{color:var(--accent);text-underline-offset:.15em}\n",
    ":focus-visible{outline:2px solid var(--accent);outline-offset:2px}\n",
    ".skip{position:absolute;left:-99rem;top:0;background-color:var(--paper);padding:.5rem 1rem;z-index:1}\n",
    ".skip:focus{left:1rem}\n",
    ".langs{text-align:right;font-size:.9rem}.langs a{margin-left:1rem}\n",
    ".over{color:var(--soft);font-size:.85rem;margin:0}.over span{margin-right:1.4rem}\n",
    ".of{font-size:1.15rem;color:var(--soft);margin:.1rem 0 1rem}\n",
    ".no{color:var(--soft);font-weight:400;margin-right:.25em}\n",
    "code,pre{font-family:ui-monospace,\"SF Mono\",\"Cascadia Mono\",Menlo,Consolas,\"Noto Sans Mono\","
    "\"D2Coding\",monospace;font-size:.82em}\n",
    ".k{white-space:nowrap}.d{overflow-wrap:anywhere}\n",
    "pre{background-color:var(--wash);border:1px solid;border-color:var(--line);border-radius:6px;padding:.7rem .9rem;"
    "white-space:pre-wrap;margin:.5rem 0 1rem;font-size:.8rem}\n",
    ".strip{display:flex;align-items:center;gap:1.1rem;border-radius:10px;padding:1rem 1.3rem;"
    "margin:0 0 1.1rem;border:1px solid}\n",
    ".strip p{margin:0}.strip .word{font-size:1.65rem;font-weight:700;line-height:1.25}\n",
    ".strip .why{color:var(--ink)}\n",
    ".strip .sign{width:2.6rem;height:2.6rem;margin:0;flex:none;border:1.5px solid;border-radius:50%;"
    "padding:.45rem}\n",
    ".pass{color:var(--pass);background-color:var(--passw)}.fail{color:var(--fail);background-color:var(--failw)}\n",
    ".review{color:var(--review);background-color:var(--revieww)}.info{color:var(--info);background-color:var(--infow)}\n",
    ".none{color:var(--none);background-color:var(--nonew)}\n",
    ".tag{display:inline-block;border-radius:4px;padding:0 .5em;"
    "font-weight:600;font-size:.86em;line-height:1.7;white-space:nowrap}\n",
    ".sign{width:.95em;height:.95em;margin-right:.3em;vertical-align:-.1em;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;"
    "stroke-linejoin:round;flex:none}\n",
    "dl.facts{margin:.6rem 0 1rem}dl.facts dt{float:left;clear:left;max-width:13rem}dl.facts dd{margin:0 0 0 13.5rem}\n",
    "dl.facts dt{color:var(--soft)}\n",
    ".two>div{float:left;width:47%;margin-right:3%}.two::after,.sign-here::after{content:\"\";display:block;clear:both}\n",
    ".front h3{margin:.9rem 0 .2rem;font-size:1rem}\n",
    ".front .digests{font-size:.86rem;border-top:1px solid;border-top-color:var(--line);padding-top:.6rem}\n",
    ".sign-here{margin:.5rem 0 .3rem}.sign-here div{float:left;width:47%;margin:0 3% .5rem 0}\n",
    ".sign-here div{border-bottom:1px solid;border-bottom-color:var(--soft);min-height:2rem;color:var(--soft);"
    "font-size:.86rem}\n",
    ".small{font-size:.86rem;color:var(--soft)}\n",
    "nav.toc ol{columns:2;column-gap:2.5rem;padding-left:1.6rem;margin:.3rem 0}nav.toc li{break-inside:avoid}\n",
    ".wide{overflow-x:auto;margin:.6rem 0 1rem}\n",
    "table{border-collapse:collapse;width:100%;font-size:.88rem;line-height:1.5}\n",
    "caption{text-align:left;color:var(--soft);font-size:.9em;padding:.2rem 0}\n",
    "th,td{text-align:left;vertical-align:top;padding:.42rem .7rem .42rem 0;border-bottom:1px solid;border-bottom-color:var(--line)}\n",
    "thead th{color:var(--soft);font-weight:600;border-bottom:1.5px solid;border-bottom-color:var(--soft);vertical-align:bottom}\n",
    "thead th{overflow-wrap:normal}tbody th{font-weight:600}.req{font-weight:400}.req p{max-width:none}\n",
    "td.n,th.n{font-variant-numeric:tabular-nums;white-space:nowrap}\n",
    "td p{margin:.2rem 0}td.more{color:var(--soft)}\n",
    "tr.rule th,tr.rule td{background-color:var(--wash);padding-left:.6rem;border-top:1.5px solid;border-top-color:var(--line)}\n",
    ".rules td:first-child{padding-left:.6rem}\n",
    ".rules th:nth-child(1){width:24%}.rules th:nth-child(2){width:8.2rem}\n",
    "details{margin:.4rem 0 1rem}summary{cursor:pointer;color:var(--accent)}\n",
    "figure{margin:1.1rem 0 1.6rem}figcaption{font-weight:600;margin-bottom:.4rem}\n",
    "figure>svg{display:block;width:100%;height:auto;max-width:58rem}\n",
    "svg text{fill:var(--ink);font-size:12px}svg text.s{fill:var(--soft)}svg tspan{font-size:9px}"
    "svg text.over{stroke:var(--paper);stroke-width:4px;paint-order:stroke}svg .ax{stroke:var(--line)}\n",
    ".plot svg{max-width:50rem}.plot text{fill:#222;stroke:#fff;stroke-width:3px;paint-order:stroke;stroke-linejoin:round}\n",
    ".h0{fill:var(--h0)}.h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}"
    ".h5{fill:var(--h5)}.gap{fill:none;stroke:var(--line)}.dot{fill:var(--dot)}\n",
    ".bar{width:100%;min-width:7rem;height:.85rem;display:block}\n",
    ".cov{display:flex;align-items:center;gap:.6rem;min-width:10rem}.cov span{white-space:nowrap;"
    "font-variant-numeric:tabular-nums;min-width:3.6em;text-align:right}\n",
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;font-size:.86rem;color:var(--soft);margin:.3rem 0}\n",
    ".legend svg{width:1rem;height:.8rem;margin-right:.35em;vertical-align:-1px}\n",
    ".b1{fill:var(--h5)}.b2{fill:var(--h3)}.b3{fill:var(--h0)}.b4{fill:var(--line)}\n",
    ".c1{fill:var(--bars)}.c2{fill:none;stroke:var(--soft)}.ob{stroke:var(--accent);stroke-width:1.5}"
    ".on{fill:var(--accent);stroke:var(--accent);stroke-width:1.5}.off{fill:var(--paper);stroke:var(--accent);"
    "stroke-width:1.5}\n",
    "footer{margin-top:3rem;border-top:1px solid;border-top-color:var(--line);padding-top:.8rem}\n",
    "@supports(display:grid){dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem}"
    "dl.facts dt{max-width:none}dl.facts dd{margin:0}.two{display:grid;grid-template-columns:1fr 1fr;gap:0 2.2rem}"
    ".sign-here{display:grid;grid-template-columns:1fr 1fr;gap:.9rem 2.2rem}"
    ".two>div,.sign-here div{float:none;width:auto;margin:0}.two::after,.sign-here::after{content:none}}\n",
    "@media (max-width:44rem){body{padding:1rem 1rem 3rem}.two,.sign-here{grid-template-columns:1fr}"
    "nav.toc ol{columns:1}dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:.4rem}.front .digests{grid-template-columns:1fr}"
    ".rules table{min-width:40rem}}\n",
    "@media print{:root{--line:#c9d0d9}html{font-size:9.6pt;line-height:1.5;color:#000}body{max-width:none;padding:0}\n",
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}\n",
    ".skip,.langs,details,.screen{display:none}.wide{overflow:visible}\n",
    ".front,article{break-after:page}article:last-of-type{break-after:auto}\n",
    "h2,h3,h4,figcaption,caption{break-after:avoid}h2{padding-top:1.6rem}\n",
    "tr,li,figure,pre,dl.facts div,.strip,.sign-here{break-inside:avoid}thead{display:table-header-group}\n",
    "a{color:inherit;text-decoration:none}h1{font-size:19pt}h2{font-size:13pt}h3{font-size:10.5pt}\n",
    ".strip{padding:.6rem 1rem;margin-bottom:.6rem}.strip .word{font-size:16pt}.of{margin-bottom:.5rem}\n",
    ".front{line-height:1.42}.front .of{margin-bottom:.7rem}.front table{font-size:8.6pt}.front th,.front td{padding-top:.2rem;padding-bottom:.2rem}\n",
    ".front h3{margin:.55rem 0 .1rem}.front dl.facts{margin:.35rem 0 .5rem}.front .wide{margin:.2rem 0}\n",
    ".sign-here{gap:.7rem 2rem}.sign-here div{min-height:2.6rem}\n",
    ".dense{font-size:8.7pt;line-height:1.3}.dense table{font-size:8.2pt;line-height:1.35}.dense .strip{padding:.4rem .9rem}\n",
    ".dense .sign-here div{min-height:1.7rem}\n",
    ".dense caption{display:none}.dense th,.dense td{padding:.1rem .7rem .1rem 0}\n",
    ".dense h3{margin:.4rem 0 .05rem}.dense p,.dense ul{margin:.2rem 0}.dense li{margin:0}}\n",
};
/* clang-format on */

void sva_html_style(struct sva_bytes *out)
{
    for (size_t i = 0; i < sizeof STYLE / sizeof *STYLE; i++) {
        sva_bytes_text(out, STYLE[i]);
    }
}

const char *sva_html_paint(enum sva_html_paint paint)
{
    static const char *const PAINTS[SVA_PAINT_COUNT] = {
        "class=\"h0\" fill=\"#eef1f5\"",
        "class=\"h1\" fill=\"#d3e1f0\"",
        "class=\"h2\" fill=\"#a5c4e2\"",
        "class=\"h3\" fill=\"#6c9fce\"",
        "class=\"h4\" fill=\"#2f6fae\"",
        "class=\"h5\" fill=\"#0c3461\"",
        "class=\"b1\" fill=\"#0c3461\"",
        "class=\"b2\" fill=\"#6c9fce\"",
        "class=\"b3\" fill=\"#eef1f5\"",
        "class=\"b4\" fill=\"#c9d0d9\"",
        "class=\"dot\" fill=\"#ffffff\"",
        "class=\"c1\" fill=\"#848f9d\"",
        "class=\"c2\" fill=\"none\" stroke=\"#4d5866\"",
        "class=\"ax\" fill=\"none\" stroke=\"#c9d0d9\"",
        "class=\"ob\" fill=\"none\" stroke=\"#1f4e8c\"",
        "class=\"on\" fill=\"#1f4e8c\" stroke=\"#1f4e8c\"",
        "class=\"off\" fill=\"#ffffff\" stroke=\"#1f4e8c\"",
    };
    return PAINTS[paint];
}
