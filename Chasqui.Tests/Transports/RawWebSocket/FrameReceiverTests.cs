using System.Net.WebSockets;
using Chasqui.Server.Accounts;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.Connections;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Tests.Fuzzing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chasqui.Tests.Transports.RawWebSocket;

/// <summary>
/// A client that violates RFC 6455 gets time to read the close frame; the server does not wait for a client that is gone.
/// What a reset destroys shows only in races, so these tests tell the two apart.
/// </summary>
public sealed class FrameReceiverTests
{
    private readonly WireWriter _wire = new(new Random(1));

    [Fact]
    public Task InvalidUtf8IsViolation()
    {
        _wire.Frame(Opcode.Text, [0xFF]);
        return AssertAsync(isViolation: true);
    }

    [Fact]
    public Task UnmaskedFrameIsViolation()
    {
        _wire.Frame(Opcode.Text, "{\"type\":\"ping\"}"u8, isMasked: false);
        return AssertAsync(isViolation: true);
    }

    [Fact]
    public Task ViolationIsReportedWhenEarlierAnswersCannotBeSent()
    {
        _wire.Frame(Opcode.Text, [0xFF]);
        return AssertAsync(isViolation: true, control => control.Close(CloseReason.InternalError));
    }

    [Fact]
    public Task CloseIsNoViolation()
    {
        _wire.Frame(Opcode.Close, [0x03, 0xE8]);
        return AssertAsync(isViolation: false);
    }

    [Fact]
    public Task DisconnectWithinFrameIsNoViolation()
    {
        _wire.Frame(Opcode.Text, "{"u8, isLast: false);
        return AssertAsync(isViolation: false);
    }

    private async Task AssertAsync(bool isViolation, Action<ClientConnection>? before = null)
    {
        using var stream = new MemoryStream();
        stream.Write(_wire.Written.Span);
        stream.Position = 0;
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var limits = Options.Create(new LimitOptions { Enabled = false });
        // Opening a connection needs neither the registry nor the tokens.
        var server = new ConnectionServer(
            null!, null!, Options.Create(new DeliveryOptions()), limits, TimeProvider.System, NullLogger<ConnectionServer>.Instance);
        using var connection = new RawConnection(
            server, socket, new MeteredStream(stream), Tokens.Principal(new Redeemed { Username = "Ana" }));
        before?.Invoke(connection.Control);

        Assert.Equal(
            isViolation, await FrameReceiver.ReceiveAsync(socket, connection.Input, connection.Control, limits.Value));
    }
}
