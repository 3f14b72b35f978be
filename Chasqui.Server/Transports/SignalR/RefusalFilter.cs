using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// Turns exceptions of hub methods into refusals: for raw clients a result that their protocol writes as an <c>Error</c> event,
/// for SignalR clients a <c>HubException</c>.
/// </summary>
internal sealed class RefusalFilter(ILogger<RefusalFilter> logger) : IHubFilter
{
    private static readonly Error ShutOut = new() { Code = ErrorCodes.Unauthorized, Message = CloseReason.TokenEnded.Reason };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<object?> InvokeMethodAsync(
        HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var connection = invocationContext.Context.Features.Get<ClientConnection>()!;
        var frame = invocationContext.HubMethodArguments is [ClientFrame first] ? first : null;
        using var held = connection.Held.Hold(frame);
        Error error;
        try
        {
            if (connection.IsShutOut)
            {
                error = ShutOut;
            }
            else if (connection.WaitForFrame is > 0 and var wait)
            {
                error = LimitErrors.TooManyFrames with { RetryAfterMs = wait };
            }
            else
            {
                Validate(frame);
                return await next(invocationContext);
            }
        }
        catch (RefusedException e)
        {
            error = e.Error;
        }
        catch (WriteRefusedException e)
        {
            error = WriteErrors.Of(e);
        }
        catch (DbException e) when (StorageFault.Of(e) is not null)
        {
            ErrorsLog.CannotRead(logger, "hub", invocationContext.HubMethodName, e.Message);
            error = WriteErrors.StorageUnavailable;
        }
        catch (OperationCanceledException)
            when (connection.End is not null || invocationContext.Context.ConnectionAborted.IsCancellationRequested)
        {
            // The connection is closed; there is no one to answer.
            return null;
        }
#pragma warning disable CA1031 // The last place before SignalR: an unexpected exception is logged, and the client gets internal_error.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ErrorsLog.HubMethodFailed(logger, e, invocationContext.HubMethodName);
            error = WriteErrors.Of(new WriteRefusedException(WriteRefusal.Failed));
        }

        return connection.IsRaw
            ? error with { RequestId = frame?.RequestId }
            // Exactly this type: SignalR writes the type's name into the text that clients parse.
            : throw new HubException(error.ToHubText());
    }

    /// <summary>What the raw protocol checks while it reads a frame, and SignalR's protocol does not.</summary>
    private static void Validate(ClientFrame? frame)
    {
        var problem = frame switch
        {
            null => "The argument is missing",
            { RequestId: { } id } when !ClientIds.IsValid(id) =>
                $"The field 'request_id' must be a string of 1 to {ChatLimits.MaxClientIdCharacters} characters",
            Join { After: < 0 } => "The field 'after' must be a whole number from 0",
            SendMessage { Content: null } => "The field 'content' must be a string",
            SetPresence set when !PresenceStatuses.CanBeSet(set.Status) => "The field 'status' must be 'online' or 'away'",
            _ => null,
        };
        if (problem is not null)
        {
            throw new RefusedException(new Error { Code = ErrorCodes.InvalidField, Message = problem });
        }
    }
}
