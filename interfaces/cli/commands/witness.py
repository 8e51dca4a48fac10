"""`siwen witness serve | key`: what an audit office runs; it needs no database and no Temporal."""

from pathlib import Path
from typing import Annotated

import typer

from domain.terms.value import Text
from interfaces.cli.call import Call
from interfaces.cli.language import both, say
from interfaces.desk.errors import BadRequest
from interfaces.witness.office import NoName, cosigner_key, log_keys, signer_of
from interfaces.witness.service import application, listening
from interfaces.witness.service import serve as serve_on
from ledger.log.note import Signer
from ledger.log.witness import Witness

DIRECTORY = Path(".siwen-witness")


_Directory = Annotated[
    Path,
    typer.Option(
        "--dir",
        envvar="SIWEN_WITNESS_DIR",
        help=both("密钥与已签内容所在目录", "Where its key lies, and what it signed last."),
    ),
]
_Name = Annotated[
    str | None,
    typer.Option(
        help=both(
            "首次使用时的名称，最好是自己的域名，如 audit.example/w1",
            "Its name, given on first use: best a domain of your own, as audit.example/w1.",
        )
    ),
]


def key(call: Call, name: _Name = None, directory: _Directory = DIRECTORY) -> None:
    public = cosigner_key(_signer(directory, name))
    if call.out.as_json:
        call.out.data({"name": public.name, "key": str(public), "directory": str(directory)})
    else:
        call.out.copy(str(public))  # alone on its line, whatever the terminal's width: it is copied


async def serve(
    call: Call,
    name: _Name = None,
    log: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help=both(
                "日志的公钥（siwen audit policy 所示），可重复",
                "The public key of a log, as `siwen audit policy` shows it; repeatable.",
            ),
        ),
    ] = None,
    logs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=both("每行一个日志公钥的文件", "A file of such keys, one a line."),
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help=both("监听地址", "The address to listen on."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=both("端口，0 为任意", "0: any free port."))
    ] = 8751,
    directory: _Directory = DIRECTORY,
) -> None:
    call.talking()
    signer = _signer(directory, name)
    keys = log_keys(log or (), logs or ())
    if not keys:
        raise _bad(
            "没有说明为哪个日志作见证",
            "No log is named",
            "请用 --log 给出日志的公钥（由其运营方以可信途径告知）",
            "Give its public key with --log, as its operator told you on a safe way",
        )
    try:
        on = listening(host, port)
    except OSError as error:
        raise _bad(
            f"{host}：{port} 不能监听：{error.strerror}",
            f"{host}:{port} cannot be listened on: {error.strerror}",
            "请用 --host、--port 另选",
            "Choose another with --host and --port",
        ) from None
    app = application(Witness(signer, keys, directory / "signed"), keys)
    address = f"http://{host}:{on.getsockname()[1]}"
    public = str(cosigner_key(signer))
    if call.out.as_json:
        call.out.data({"address": address, "key": public, "logs": [k.name for k in keys]})
    else:
        call.out.line(
            ("✓ ", "green"),
            say(f"见证人 {signer.name} 在 {address}", f"{signer.name} witnesses at {address}"),
        )
        for one in keys:
            call.out.line(say(f"日志 {one.name}", f"log {one.name}"), indent=2)
        call.out.line(
            say(
                "请告知日志运营方（地址以对方能到达的为准）：",
                "Tell the operator of the log, with the address that he reaches it by:",
            )
        )
        call.out.copy(f"SIWEN_WITNESSES='{address} {public}'")
    await serve_on(app, on)


def _signer(directory: Path, name: str | None) -> Signer:
    try:
        return signer_of(directory, name)
    except NoName:
        raise _bad(
            f"{directory} 里还没有见证人",
            f"There is no witness in {directory} yet",
            "请用 --name 为它取名，最好是自己的域名，如 audit.example/w1",
            "Give it a name with --name, best a domain of your own, as audit.example/w1",
        ) from None


def _bad(what_zh: str, what_en: str, do_zh: str, do_en: str) -> Exception:
    return BadRequest(Text(zh=what_zh, en=what_en), Text(zh=do_zh, en=do_en))
