pub async fn ship(State(pool): State<Pool>) -> Result<(), Refused> {
    pool.ship().await
}
#[doc(hidden)]
pub enum ship {}
#[allow(deprecated)]
const _: () = {
    impl ::pyventus::__private::DeclaredHandler for ship {
        const ORIGIN: ::pyventus::__private::Origin = ::pyventus::__private::Origin::declared(
            ::core::concat!(::core::module_path!(), "::ship"),
            &(::core::file!(), ::core::line!(), ::core::column!()),
        );
        fn needs() -> ::pyventus::__private::Needs {
            use ::pyventus::__private::{
                BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                BoundByOptionalArgument as _,
            };
            let needs = ::pyventus::__private::Needs::Borrows;
            let needs = needs
                .or((&&&&::pyventus::__private::Probe::<State<Pool>>::new()).needs());
            needs
        }
        const CODE: ::pyventus::__private::DeclaredCode = {
            fn start<'a>(
                view: &'a ::pyventus::__private::View<'a>,
                keep: ::core::primitive::bool,
            ) -> ::pyventus::__private::BoxFuture<
                'a,
                ::pyventus::__private::HandlerResult,
            > {
                use ::pyventus::__private::{
                    AnswersEvery as _, AnswersOne as _, AnswersOwn as _,
                    BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                    BoundByOptionalArgument as _, ReturnsDynamic as _,
                    ReturnsFallible as _, ReturnsFuture as _, ReturnsIterator as _,
                    ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
                };
                ::pyventus::__private::boxed(async move {
                    let mut binder = ::pyventus::__private::Binder::new(view);
                    let arg0 = binder
                        .take::<
                            State<Pool>,
                            _,
                        >(
                            (&&&&::pyventus::__private::Probe::<State<Pool>>::new())
                                .bound_by(),
                            "",
                        )?;
                    let returned = ship(arg0).await;
                    let kind = (&&&&&::pyventus::__private::Probe::<
                        Result<(), Refused>,
                    >::new())
                        .returns();
                    ::pyventus::__private::handled(kind, returned, keep)
                })
            }
            ::pyventus::__private::DeclaredCode::Async(start)
        };
    }
    impl ship {
        #[doc(hidden)]
        pub const fn __returns() -> ::pyventus::__private::Probe<Result<(), Refused>> {
            ::pyventus::__private::Probe::new()
        }
    }
};
#[allow(deprecated)]
const _: () = {
    static __KEYS: &[::pyventus::__private::EventKey] = &[
        ::pyventus::__private::EventKey::declared("order.placed"),
    ];
    static __REGISTRATION: ::pyventus::__private::Registration = ::pyventus::__private::Registration::new::<
        ship,
    >(
        __KEYS,
        || ::pyventus::__private::registry(::pyventus::__private::EventLinker::global()),
        ::pyventus::__private::Options {
            once: false,
            blocking: false,
            priority: 0,
            before: &[],
            after: &[],
            retry: ::pyventus::__private::Option::None,
            timeout: ::pyventus::__private::Option::None,
        },
    );
    impl ::pyventus::__private::Registered for ship {
        fn registration() -> &'static ::pyventus::__private::Registration {
            &__REGISTRATION
        }
    }
    ::pyventus::__private::inventory::submit! {
        ::pyventus::__private::Found(& __REGISTRATION)
    }
};
