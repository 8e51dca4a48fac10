"""What can go wrong with the stack, in Chinese; whatever is not here is said in English."""

from collections.abc import Callable
from typing import Any

from domain.terms.value import Text
from runtime import errors


def line(error: errors.StackError) -> Text:
    """Return what an error of the stack says."""
    say = _LINES.get(type(error))
    return Text(zh=say(error) if say is not None else str(error), en=str(error))


_LINES: dict[type[errors.StackError], Callable[[Any], str]] = {
    errors.SettingsInvalid: lambda e: e.zh,
    errors.NothingHere: lambda e: (
        f"{e.path} 里还没有账本。请用 siwen up 启动，或以 SIWEN_STATE_DIR 指明所在目录。"
    ),
    errors.NotRunning: lambda e: (
        "没有正在运行的服务。请用 siwen up 启动，或设置 SIWEN_DATABASE_URL 和 TEMPORAL_ADDRESS。"
    ),
    errors.AlreadyRunning: lambda e: (
        "siwen 已在运行。可直接使用，或用 siwen down 停止，或以 SIWEN_STATE_DIR 另选目录。"
    ),
    errors.ServerUnreachable: lambda e: (
        f"{e.server}（{e.address}）没有应答：{e.reason}。"
        "请用 siwen status 查看，用 siwen up 启动，或核对地址。"
    ),
    errors.StateDirUnusable: lambda e: (
        f"状态目录 {e.path} 不能用：{e.reason}。请以 SIWEN_STATE_DIR 指明一个可写的目录。"
    ),
    errors.ForeignStateDir: lambda e: (
        f"{e.path} 里有别的东西，不是 siwen 建的，没有改动。"
        "请以 SIWEN_STATE_DIR 指明一个空目录或新目录。"
    ),
    errors.DataMissing: lambda e: (
        f"账本的数据不见了：{e.state_dir} 曾在使用，而下列各处都没有数据："
        f"{'、'.join(map(str, e.looked))}。"
        f"请把数据目录找回来（磁盘没有挂载？）；确已丢失的，才移走 {e.state_dir}，"
        "用最近的备份 siwen restore FILE 恢复。"
    ),
    errors.DataClosed: lambda e: (
        f"账本的数据在 {e.path}，而 PostgreSQL 以 {e.user} 运行，进不了 {e.closed}。"
        f"数据没有丢失，也没有改动；请放行：chmod o+x {e.closed}"
    ),
    errors.DataOfAnother: lambda e: (
        f"账本的数据在 {e.path}，属于用户 {e.owner}，而 PostgreSQL 以 {e.user} 运行。"
        f"数据没有丢失，也没有改动；请以 {e.owner} 启动 siwen，"
        f"或移交给它：chown -R {e.user} {e.path}"
    ),
    errors.DataTwice: lambda e: (
        f"{e.state_dir} 有两个数据库：{'、'.join(map(str, e.places))}。没有改动。"
        "请看最后修改时间，认出账本的那一个，把另一个移走。"
    ),
    errors.PortInUse: lambda e: (
        f"端口 {e.port}（{e.setting}）已被别的程序占用。"
        f"请停掉那个程序，或把 {e.setting} 设为别的端口，0 为任意空闲端口。"
    ),
    errors.LedgerMissing: lambda e: (
        f"服务器上没有数据库 {e.database}。请建库并运行 siwen migrate，或换一个 --ledger。"
    ),
    errors.DataOlder: lambda e: (
        f"{e.path} 是 PostgreSQL {e.found} 写的，本版本带的是 {e.installed}。"
        "请用写它的版本做 siwen backup，移走状态目录，再用本版本 siwen restore。"
    ),
    errors.DataNewer: lambda e: (
        f"{e.path} 是更新的版本写的（{e.found}；本版本只到 {e.known}）。"
        "没有改动；请重新安装更新的版本。"
    ),
    errors.ServerFailed: lambda e: f"{e.server} 没有启动：{e.reason}。请看 {e.log}。",
    errors.PortTaken: lambda e: f"{e.server} 没有启动：端口被别的程序占了。请看 {e.log}。",
    errors.PartMissing: lambda e: (
        f"这里没有安装 {e.part}。请安装 {e.package}，或以 {e.setting} 用自己的服务器。"
    ),
    errors.BackupUnusable: lambda e: f"{e.file} 不能用来恢复：{e.reason}。没有改动；请换一份备份。",
    errors.LedgerHoldsData: lambda e: (
        f"账本 {e.ledger} 在 {e.where} 中已有数据。没有改动；请恢复到另一个 --ledger，"
        "确要覆盖的加 --replace。"
    ),
    errors.LedgerBusy: lambda e: (
        f"账本 {e.ledger} 正在使用（{e.connections} 个连接）。没有改动；请先停掉工作进程和接口。"
    ),
    errors.ProgramFailed: lambda e: f"{e.program} 出错：{e.reason}。没有改动；请看原因。",
}
