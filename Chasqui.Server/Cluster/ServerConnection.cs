using Chasqui.Server.Presence;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Cluster;

/// <summary>
/// The connection of this server to <see cref="EphemeralHub"/>: what SignalR writes to it is handed on within the process.
/// </summary>
internal sealed class ServerConnection(
    IHubProtocol protocol, Action<EphemeralMessage> receive, Action<Exception> onUnreadable, ILoggerFactory loggers)
    : HubConnectionContext(
        new DefaultConnectionContext($"server-{Guid.NewGuid():N}"), new HubConnectionContextOptions(), loggers), IInvocationBinder
{
    public override ValueTask WriteAsync(SerializedHubMessage message, CancellationToken cancellationToken = default)
    {
        try
        {
            var bytes = new ReadOnlySequence<byte>(message.GetSerializedMessage(protocol));
            if (protocol.TryParseMessage(ref bytes, this, out var parsed)
                && parsed is InvocationMessage { Arguments: [EphemeralMessage received] })
            {
                receive(received);
            }
        }
#pragma warning disable CA1031 // Any payload can be on the channel, also that of another version.
        catch (Exception e)
#pragma warning restore CA1031
        {
            onUnreadable(e);
        }

        return ValueTask.CompletedTask;
    }

    IReadOnlyList<Type> IInvocationBinder.GetParameterTypes(string methodName) => [typeof(EphemeralMessage)];

    Type IInvocationBinder.GetReturnType(string invocationId) => typeof(object);

    Type IInvocationBinder.GetStreamItemType(string streamId) => typeof(object);
}
