"""Colours and layout: dark, quiet, one accent."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

THEME: Final = Theme(
    name="stardust",
    primary="#8fb4ff",
    secondary="#b79cf0",
    accent="#8fb4ff",
    foreground="#d7dcea",
    background="#12151f",
    surface="#171b28",
    panel="#1d2233",
    success="#7fd1a8",
    warning="#e6b566",
    error="#e57a7a",
    dark=True,
    variables={"footer-key-foreground": "#8fb4ff", "footer-background": "#12151f"},
)

CSS: Final = """
Screen { background: $background; }
#header { height: 1; padding: 0 2; background: $background; }
#own { width: auto; max-width: 50%; }
#state { width: 1fr; text-align: right; }
#body { height: 1fr; }

#people-side { width: 30; background: $surface; padding: 1 0; }
.-narrow #people-side { width: 1fr; }
.-narrow #conversation { display: none; padding: 0 1; }
.-narrow #body.open #people-side { display: none; }
.-narrow #body.open #conversation { display: block; }
#people { background: $surface; border: none; padding: 0 1; height: 1fr; scrollbar-size-vertical: 1; }
#people:focus { border: none; background-tint: transparent; }
#people > .option-list--option { padding: 0 1; }
#people > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
#people:focus > .option-list--option-highlighted {
  background: $primary 18%; color: $foreground; text-style: none;
}
#nobody { padding: 1 2; color: $foreground 60%; display: none; }

#conversation { width: 1fr; padding: 0 2; }
#head { height: 3; padding: 1 0 0 0; }
#banner { height: auto; display: none; padding: 1 2; margin: 1 0 0 0; background: $warning 10%;
          border-left: thick $warning; }
#banner.calm { background: $panel; border-left: thick $primary 50%; }
#banner-buttons { height: auto; padding: 1 0 0 0; display: none; }
#banner-buttons Button { margin: 0 2 0 0; min-width: 12; height: 1; border: none; }
#messages { height: 1fr; padding: 1 0; scrollbar-size-vertical: 1; scrollbar-color: $panel; }
#welcome { height: 1fr; content-align: center middle; text-align: center; color: $foreground 60%; }

.row { height: auto; margin: 0 0 1 0; }
.row.outgoing { align-horizontal: right; }
.bubble { width: auto; max-width: 76%; height: auto; padding: 0 2; background: $panel; }
.row.outgoing .bubble { background: $primary 16%; align-horizontal: right; }
.row.found .bubble { border-left: thick $warning; }
.bubble .body { width: auto; height: auto; max-width: 100%; }
.bubble .meta { width: auto; height: 1; }
.day { width: 1fr; text-align: center; color: $foreground 45%; margin: 0 0 1 0; }

#composer { height: auto; max-height: 8; min-height: 3; border: round $panel; background: $background;
            padding: 0 1; }
#composer:focus { border: round $primary 60%; }
#composer.closed { display: none; }
Footer { background: $background; }

.dialog { align: center middle; background: $background 70%; }
.dialog > .box { width: 76; max-width: 96%; height: auto; max-height: 96%; padding: 1 3; overflow-y: auto;
                 background: $surface; border: round $primary 40%; border-subtitle-color: $foreground 60%;
                 scrollbar-size-vertical: 1; scrollbar-color: $panel; scrollbar-background: $surface; }
.dialog.-short > .box { padding: 0 3; }
.dialog.-narrow > .box { padding: 0 1; }
.dialog > .box.tall { height: 96%; overflow-y: hidden; }
.dialog .title { text-style: bold; padding: 0 0 1 0; }
.dialog .after { padding: 1 0; }
.dialog.-short .title { padding: 0; }
.dialog .quiet { color: $foreground 60%; }
.dialog Input { border: round $panel; background: $background; margin: 0 0 1 0; }
.dialog Input:focus { border: round $primary 60%; }
.dialog .buttons { height: auto; padding: 0 0 1 0; align-horizontal: center; }
.dialog .buttons Button { margin: 0 2; padding: 0 2; }
.dialog.-narrow .buttons Button { margin: 0 1; padding: 0; min-width: 0; }
.qr { width: auto; height: auto; color: #ffffff; background: #12151f; }
QrCode { align-horizontal: center; height: auto; }
QrCode .room { color: $foreground 60%; width: 100%; }
#page { align: center middle; background: #12151f; }
.dialog .number { text-style: bold; color: $primary; padding: 1 0; text-align: center; width: 100%; }
.dialog .problem { color: $error; height: auto; }
#results { height: 1fr; background: $surface; border: none; padding: 0; }
#results > .option-list--option { padding: 0 1 1 1; }
"""
